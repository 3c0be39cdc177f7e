"""The rules of the credit check: facts in, a verdict out."""
