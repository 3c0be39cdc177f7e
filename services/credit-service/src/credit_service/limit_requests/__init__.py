"""A limit request asks for a credit limit; inside the asker's authority it holds at once, above it someone else decides."""
