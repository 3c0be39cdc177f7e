"""A credit account is what a customer may owe: its limit, risk class, block and the exposure counted against it."""
