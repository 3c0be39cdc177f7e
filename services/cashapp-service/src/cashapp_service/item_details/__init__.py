"""One item seen by itself: with what was applied to it, the tax and instalments of its document, and its down payments."""
