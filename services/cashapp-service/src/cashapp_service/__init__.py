"""The cashapp service of OpenItem."""
