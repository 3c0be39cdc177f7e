"""Applying a receipt: what is asked for, what the rules make of it, and how it is taken back."""
