"""A credit file is all that is known of a customer's credit, with what was ever decided or attached and who read it."""
