"""A limit pool is a group of customers managed together: they share the limit of the one at its head."""
