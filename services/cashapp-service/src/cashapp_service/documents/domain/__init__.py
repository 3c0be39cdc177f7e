"""What a document says, the items that it makes, and the down payments that it settles, as values and rules."""
