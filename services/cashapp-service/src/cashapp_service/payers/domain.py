"""A third party that is known to pay for customers: another customer, or somebody told by account or name."""

from dataclasses import dataclass

from shared.errors import NotFoundError


class PayerNotFoundError(NotFoundError):
    """No payer has this id."""

    code = "payer_not_found"

    def __init__(self, payer_id: str) -> None:
        super().__init__(f"There is no payer {payer_id}: see GET /v1/payers, or put it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A known payer. Its id is the customer number where it is a customer itself.

    `name` and the fingerprint of its account (`customers.domain.fingerprint`) tell its receipts where it is not.
    """

    payer_id: str
    name: str | None
    account_fingerprint: str | None
    account_shown: str | None
    pays_for: tuple[str, ...]
