"""An attachment is a file kept in a customer's credit file, as it was sent and never changed."""
