"""The proof that the books hold: every law of items, receipts, applications, statements and the ledger, checked over all data."""
