"""The figures of a statement, and what is computed from them."""
