"""Dun & Bradstreet, asked for data blocks of companies over its Direct+ API."""
