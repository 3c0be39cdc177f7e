"""The collectible amount: what can be asked of a customer now. One figure, used everywhere."""
