"""What customers owe and what they paid, as the other services tell it: the projection everything here stands on."""
