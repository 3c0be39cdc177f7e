"""How documents reach the customer: each sending by its channel, what came of it, and what is not delivered by its day."""
