"""A credit policy says, per risk class, which rules run at which checkpoint and how they react."""
