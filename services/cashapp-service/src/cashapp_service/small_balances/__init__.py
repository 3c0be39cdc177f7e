"""A run over small balances clears what is too little to be worth collecting or paying out, item by item, once."""
