"""A customer at a glance: what every service knows of it, in one answer."""
