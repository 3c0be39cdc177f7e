"""A guarantee given for a customer is special exposure while it runs; one received from somebody else for it is noted."""
