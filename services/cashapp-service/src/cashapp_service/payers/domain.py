"""A third party that is known to pay for customers: another customer, or somebody told by account or name."""

from dataclasses import dataclass

from shared.errors import InvalidError, NotFoundError


class PayerNotFoundError(NotFoundError):
    """No payer has this id."""

    code = "payer_not_found"

    def __init__(self, payer_id: str) -> None:
        super().__init__(f"There is no payer {payer_id}: see GET /v1/payers, or put it.")


class PaysForNobodyError(InvalidError):
    """A payer is put that pays for nobody, and never did."""

    code = "pays_for_nobody"

    def __init__(self) -> None:
        super().__init__("Send for whom it pays: only a payer that is known can be left without.", field="pays_for")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A known payer. Its id is the customer number where it is a customer itself; without customers it has been ended.

    `name` and the fingerprint of its account (`customers.domain.fingerprint`) tell its receipts where it is not.
    """

    payer_id: str
    name: str | None
    account_fingerprint: str | None
    account_shown: str | None
    pays_for: tuple[str, ...]
