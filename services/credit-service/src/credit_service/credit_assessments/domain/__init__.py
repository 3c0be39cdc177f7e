"""What an assessment sees, how it is scored, and the limit that follows."""
