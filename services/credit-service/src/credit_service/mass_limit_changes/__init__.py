"""A mass change alters the limits of many accounts at once: previewed account by account, approved by another, then applied."""
