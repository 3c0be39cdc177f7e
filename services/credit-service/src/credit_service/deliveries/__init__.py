"""A delivery moves value from open orders to delivered and not invoiced; goods that come back move it back."""
