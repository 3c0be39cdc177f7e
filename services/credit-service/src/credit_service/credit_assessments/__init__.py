"""A credit assessment says how risky a customer is, by which points, and which limit and terms go with it; it can be replayed."""
