"""A returned payment is money that the bank took back; credit takes note of the day."""
