"""Dunning, as collections-service tells of it: credit knows the highest level that an item has reached which is still open."""
