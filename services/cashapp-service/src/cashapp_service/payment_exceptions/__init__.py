"""A payment exception is a payment the bank took back (bounced cheque, chargeback, card error), until somebody settled it."""
