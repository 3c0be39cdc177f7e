"""Open items: invoices, debit and credit memos, and what is still to be paid of each."""
