"""An authority is the amount up to which somebody decides limits and releases alone."""
