"""A bureau report is what a credit bureau says of a customer: bought once while it is fresh, and kept encrypted."""
