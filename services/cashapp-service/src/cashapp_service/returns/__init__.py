"""A return is the bank's taking a payment back: what it had paid is open again, and a payment exception follows it."""
