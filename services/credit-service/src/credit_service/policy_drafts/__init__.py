"""A policy draft is the next version of a policy before it is in force: simulated, then activated by a second person."""
