"""The credit service of OpenItem."""
