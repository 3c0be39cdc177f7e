"""An application is what one decision takes from a receipt for items: in full, in part, with discount, or on account."""
