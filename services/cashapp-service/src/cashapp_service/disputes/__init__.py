"""What cash application knows of dispute cases: how much of each item is disputed, and which credits were decided."""
