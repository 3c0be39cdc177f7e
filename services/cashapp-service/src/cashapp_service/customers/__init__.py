"""What cash application knows of a customer: a copy of credit-service's master data, kept up to date by its events."""
