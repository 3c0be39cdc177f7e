"""An order hold stops one order, for every reason that applies, until it is released, rejected or without object."""
