"""Money as it comes in: matched, applied where that is sure, and kept for its order where that has no invoice yet."""
