"""The dispute service of OpenItem."""
