"""A promise to pay, as collections-service tells of it: credit takes note of those that are broken."""
