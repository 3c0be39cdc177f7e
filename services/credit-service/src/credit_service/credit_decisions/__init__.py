"""A credit decision says whether an order may go, on which facts and by which policy, and can be replayed."""
