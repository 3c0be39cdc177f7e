"""The repair of one customer's exposure from the owner's documents, which says what it changed."""
