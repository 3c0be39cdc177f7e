"""What may be refunded, from where it is taken, and how it is posted."""
