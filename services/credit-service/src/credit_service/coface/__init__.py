"""Coface, asked for assessments of companies over its ICON Data API."""
