"""An authority is the amount up to which somebody approves refunds and write-offs."""
