"""Bank statements: what a bank's file says happened on a house bank account, proved and taken once."""
