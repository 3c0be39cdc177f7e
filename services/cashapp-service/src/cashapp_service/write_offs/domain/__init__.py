"""What may be written off and how it is posted."""
