"""The run of a business day: everything that falls due on it here."""
