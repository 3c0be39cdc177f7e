"""A financial statement is a customer's balance sheet and income of a period, as given; ratios are computed from its figures."""
