"""Fulfilment is how far an order has come: deliveries take its value over from the reservation, invoices from both."""
