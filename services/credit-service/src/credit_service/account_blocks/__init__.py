"""An account block stops every new order of a customer until it is lifted."""
