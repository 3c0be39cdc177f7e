"""Open items: what a customer owes us and we owe them, as values and rules."""
