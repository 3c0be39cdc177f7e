"""The chart of accounts: by company code, which number and name each posting account has in the general ledger."""
