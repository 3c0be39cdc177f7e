"""What every bureau's connector does, and how it fails.

The one thing to know: a connector says when it is about to ask for what is billed (`sending`). What was sent and got no answer is
uncertain: it may have been bought, so nobody buys it again without saying so.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from credit_service.bureau_reports.domain.report import Provider, Report
from shared.errors import OpenItemError


class BureauError(OpenItemError):
    """A bureau gave no usable report. `charged` tells whether it may bill us nevertheless."""

    code = "bureau_failed"
    uncertain = False

    def __init__(self, detail: str, *, charged: bool = False) -> None:
        super().__init__(detail)
        self.charged = charged


class CompanyNotFoundError(BureauError):
    """The bureau does not know the company, or knows several like it."""

    code = "company_not_found_at_bureau"


class WrongCompanyError(BureauError):
    """The bureau answered about another company."""

    code = "wrong_company"


class BureauRefusedError(BureauError):
    """The bureau does not let us: credentials, contract or quota."""

    code = "bureau_refused"


class PurchaseUncertainError(BureauError):
    """The order was sent and nobody knows what became of it."""

    code = "purchase_uncertain"
    uncertain = True

    def __init__(self, detail: str) -> None:
        super().__init__(detail, charged=True)


class NotCollectedError(BureauError):
    """The bureau took the order, and what it delivers could not be read yet; reading it again costs nothing."""

    code = "bureau_report_not_collected"

    def __init__(self, detail: str, *, bureau_reference: str) -> None:
        super().__init__(
            f"{detail} The order {bureau_reference} was taken: order again, and it is read without a new one."
        )
        self.bureau_reference = bureau_reference


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asked about: names and country of the customer, and `identifiers` such as `duns`, `easy_number`."""

    name: str
    country: str
    identifiers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """A report to be fetched. `reference` is ours, under which the bureau bills it.

    `sent` tells that it was asked for before; `bureau_reference` is the bureau's own, once it was told.
    """

    reference: str
    product: str
    identity: Identity
    currency: str
    sent: bool = False
    bureau_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A report, with all that the bureau said as it said it."""

    report: Report
    raw: bytes
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class InPreparation:
    """The bureau has taken the order and needs time, which may be days."""

    bureau_reference: str


Sending = Callable[[], Awaitable[None]]
"""Notes, before it happens, that the billed question is sent."""


class Connector(Protocol):
    """Fetches reports from one bureau."""

    @property
    def provider(self) -> Provider:
        """Which bureau it is."""

    @property
    def products(self) -> tuple[str, ...]:
        """What can be bought, the usual one first."""

    async def fetch(self, order: Order, *, sending: Sending) -> Delivered | InPreparation:
        """Return the report, or that it is being prepared; raise `BureauError`."""
