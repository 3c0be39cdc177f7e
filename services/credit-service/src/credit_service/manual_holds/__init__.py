"""A manual hold is a person's: it stops an order whatever the rules say, and only a person ends it."""
