"""A receipt is money that came in: where each part of it is (applied, on account, unapplied, unidentified, returned)."""
