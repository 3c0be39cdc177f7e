"""Posting periods: the months of a company code's books, each open for postings or closed."""
