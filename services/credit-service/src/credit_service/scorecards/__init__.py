"""A scorecard is the table of points by which a customer's risk is assessed, with classes, limits and terms, in versions."""
