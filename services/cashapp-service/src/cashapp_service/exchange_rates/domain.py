"""What is known of the rates of a day, and which are missing and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from shared.errors import OpenItemError


@dataclass(frozen=True, slots=True)
class MissingRate:
    """That nothing can be valued in a currency; `refusal` is why its rate could not be asked for, None where none is stored."""

    currency: str
    reason: Literal["not_stored", "cannot_be_asked"]
    detail: str
    refusal: OpenItemError | None = None


@dataclass(frozen=True, slots=True)
class StoredRates:
    """Units of other currencies for one of some currency on some day, as far as they are known."""

    known: Mapping[str, Decimal] = field(default_factory=dict)
    missing: tuple[MissingRate, ...] = ()

    @property
    def refusal(self) -> OpenItemError | None:
        """Why a rate could not be asked for, of which nobody can tell whether it is stored."""
        return next((one.refusal for one in self.missing if one.refusal), None)
