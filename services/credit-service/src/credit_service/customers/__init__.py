"""A customer is the business partner who buys on account; the ERP's `customer_id` is its key."""
