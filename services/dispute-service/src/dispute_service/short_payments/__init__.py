"""A short payment is a payment of less than an item asks for, with the customer's reason; it opens a dispute by itself."""
