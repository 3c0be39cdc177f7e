"""A return that was posted and the debit by which the bank took the money are one event."""

from datetime import date
from decimal import Decimal

from cashapp_service.reconciliations.domain import Debit, NegativePosting, Pair, pair


def debit(id_: str, amount: str = "-100", day: int = 10, account: str = "DE1", reference: str | None = None) -> Debit:
    return Debit(id_, account, Decimal(amount), date(2026, 10, day), date(2026, 10, day), reference)


def posting(
    id_: str, amount: str = "-100", day: int = 10, account: str = "DE1", reference: str | None = None
) -> NegativePosting:
    return NegativePosting(id_, account, Decimal(amount), date(2026, 10, day), reference)


def test_the_nearest_day_is_paired_and_each_is_paired_once() -> None:
    found = pair([debit("e1", day=3), debit("e2", day=11)], [posting("p1", day=10), posting("p2", day=12)])

    assert sorted(found, key=lambda one: one.posting_id) == [Pair("e2", "p1"), Pair("e1", "p2")]


def test_a_bank_reference_goes_before_nearness() -> None:
    found = pair([debit("e1", day=10), debit("e2", day=14, reference="R7")], [posting("p1", day=10, reference="R7")])

    assert found == [Pair("e2", "p1")]


def test_another_amount_account_or_time_is_another_event() -> None:
    others = [debit("e1", amount="-99"), debit("e2", account="DE2"), debit("e3", day=21)]

    assert pair(others, [posting("p1")]) == []
