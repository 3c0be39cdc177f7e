"""Asking for the rate of a day."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

AskRate = Callable[[date, str, str], Awaitable[Decimal | None]]
"""Asks how many units of the second currency one unit of the first was worth on a day; None where no rate is stored."""
