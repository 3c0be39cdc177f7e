"""A dispute case is a customer's claim that part of what it owes is not due, from the claim to its decision and end."""
