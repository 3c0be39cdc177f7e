"""The business day: everything that falls due on it in every service, once."""
