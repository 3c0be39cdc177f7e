"""A review looks at a customer's credit again by its day, and says when the next one is due."""
