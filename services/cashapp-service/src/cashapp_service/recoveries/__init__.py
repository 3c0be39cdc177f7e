"""A recovery is money that came in for what was written off: income of its own, told in the item's life."""
