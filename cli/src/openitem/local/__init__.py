"""The whole system on one machine: real servers and every process of OpenItem, as children of one runner."""
