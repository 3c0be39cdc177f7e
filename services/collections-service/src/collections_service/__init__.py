"""The collections service of OpenItem."""
