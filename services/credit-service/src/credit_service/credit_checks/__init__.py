"""A credit check decides whether an order may go and reserves its value, in one atomic step."""
