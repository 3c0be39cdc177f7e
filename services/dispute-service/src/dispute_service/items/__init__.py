"""An open item is what a customer owes on one document; cashapp-service owns it, this is its image here."""
