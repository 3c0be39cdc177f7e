"""A promise to pay: a customer says which amount will come by which day, and the money or the day judges it."""
