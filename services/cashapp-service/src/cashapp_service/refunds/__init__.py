"""A refund pays money back to a customer: unapplied money, money on account, or a credit memo; always with four eyes."""
