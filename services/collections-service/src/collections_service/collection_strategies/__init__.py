"""A collection strategy: which rules speak for calling a customer, and how many points each is worth."""
