"""Exchange rates: what one unit of the group currency is worth in others, as of a day."""
