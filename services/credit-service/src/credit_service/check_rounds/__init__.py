"""A round decides many credit checks in one transaction: their facts are gathered, they are decided in order, and recorded."""
