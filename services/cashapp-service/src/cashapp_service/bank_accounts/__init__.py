"""House bank accounts: the company's own accounts that statements are about, each with its ledger account."""
