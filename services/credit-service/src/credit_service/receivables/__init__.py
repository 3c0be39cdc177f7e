"""Receivables are what cashapp-service and dispute-service tell of items, receipts and disputes, kept as a projection."""
