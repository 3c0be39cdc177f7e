"""Servers that stand in for other companies' services, for tests and for trying things out."""
