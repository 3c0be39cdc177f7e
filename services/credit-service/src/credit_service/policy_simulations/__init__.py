"""A simulation decides past orders again under a policy draft, and says what would have been different."""
