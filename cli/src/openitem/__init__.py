"""Local stack and loaders: the `openitem` command."""
