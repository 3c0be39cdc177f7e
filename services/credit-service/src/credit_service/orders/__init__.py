"""An order reserves credit from its approval until it is invoiced, cancelled or rejected."""
