"""Aging: what is owed by how late it is, as of any day."""
