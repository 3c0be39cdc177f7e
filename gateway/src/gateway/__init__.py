"""The one public address: authentication, routing, the log of public events."""
