"""The one way a local start is refused: a sentence that says what is in the way and what to do."""

from __future__ import annotations


class CannotStartError(Exception):
    """Something is missing, taken or forbidden; the message is one line for the person at the keyboard."""
