"""The journal of a credit file: each change with its old and new values, and who read the file, append-only and sealed."""
