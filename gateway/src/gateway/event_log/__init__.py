"""The log of public events: all of them in one stable order, to be read as a feed or followed as a stream."""
