"""Short ways to write receipts and open items in the tests of matching."""

from datetime import date
from decimal import Decimal
from typing import Any

from cashapp_service.matching.domain import Candidates, Customer, LearnedPayer, OpenItem, Proposal, Receipt, propose
from cashapp_service.tolerance_groups.domain import NOTHING_WITHOUT_ASKING, Limits, Policies, Policy, Tolerance
from shared.money import Money

DUE = date(2026, 3, 1)
ACME = Customer("C-100", ("ACME GmbH", "Acme Werkzeuge"), ("DE89370400440532013000",))
BOLT = Customer("C-200", ("Bolt Müller & Söhne KG",), ("NL91ABNA0417164300",))

NOTHING = Policies(NOTHING_WITHOUT_ASKING)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def item(number: str, balance: str = "100.00", customer: Customer = ACME, **facts: object) -> OpenItem:
    known = {"item_id": f"{customer.customer_id}/{number}", "due_date": DUE} | facts
    return OpenItem(customer_id=customer.customer_id, number=number, balance=eur(balance), **known)  # type: ignore[arg-type]


def receipt(amount: str = "100.00", purpose: str = "", **facts: object) -> Receipt:
    return Receipt(eur(amount), date(2026, 3, 5), purpose, **facts)  # type: ignore[arg-type]


def proposals(
    paid: Receipt,
    *items: OpenItem,
    customers: tuple[Customer, ...] = (ACME, BOLT),
    learned: tuple[LearnedPayer, ...] = (),
    policies: Policies = NOTHING,
) -> tuple[Proposal, ...]:
    return propose(paid, Candidates(customers, items, learned, policies))


def best(paid: Receipt, *items: OpenItem, **facts: Any) -> Proposal:
    return proposals(paid, *items, **facts)[0]


def tolerating(item_amount: str, item_pct: str, receipt_amount: str, receipt_pct: str) -> Policy:
    """Return a policy by its limits: amount and per cent, per item and per receipt."""
    item_limit, receipt_limit = (
        Tolerance(Decimal(amount), Decimal(pct))
        for amount, pct in ((item_amount, item_pct), (receipt_amount, receipt_pct))
    )
    return Policy(users=(Limits(item_limit, receipt_limit),))


def taken(proposal: Proposal) -> dict[str, str]:
    """What each item gets, by its number."""
    return {one.item_id.partition("/")[2]: str(one.amount.amount) for one in proposal.allocations}


def against(proposal: Proposal) -> str:
    return " ".join(evidence.detail for evidence in proposal.explanation if not evidence.supports)
