"""Exposure is what a customer owes or will owe: open orders, open items and special ones, less cash not applied."""
