"""Cash reconciliations: bank against ledger at the end of a month, and each cause of a difference."""
