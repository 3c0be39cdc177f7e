"""What a scorecard says, and how its points are summed."""
