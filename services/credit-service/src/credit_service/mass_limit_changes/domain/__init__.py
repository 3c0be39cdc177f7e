"""The pure part of a mass change: which accounts, what change, and what it would do to one of them."""
