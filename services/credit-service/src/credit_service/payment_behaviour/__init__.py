"""Payment behaviour is how a customer has paid its invoices: how many late, by how many days, and whether it gets better."""
