"""How much of each part a credit file shows."""

SHOWN_MAX = 100
"""Newest entries of each part; the part's own list has all of them."""
