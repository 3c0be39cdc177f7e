"""Credit decisions made again, to prove that they come out as they were made."""
