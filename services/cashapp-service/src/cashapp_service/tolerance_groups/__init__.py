"""Tolerance groups: how much of a difference a group of users, or of customers, may have written off without asking."""
