"""A note is what somebody wrote down about a customer's credit, with author and time; it is never changed."""
