"""The analyst's worklist of holds: each with what its order is worth, whose it is, and what is left of the credit now."""
