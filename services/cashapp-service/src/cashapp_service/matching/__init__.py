"""Matching: which customer a receipt came from, and which open items it pays."""
