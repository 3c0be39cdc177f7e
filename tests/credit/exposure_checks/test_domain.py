"""What is a difference, and what is only on its way."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from credit_service.exposure_checks.domain import State, difference, is_late, stand

OURS = State("itm_1", "invoice", 2, "C-1", "SO-1", Decimal(100), Decimal(40), "EUR", None, date(2026, 4, 1))
OLDER, NEWER, NEWEST = (replace(OURS, version=version) for version in (1, 3, 4))


@pytest.mark.parametrize(
    ("theirs", "standing"),
    [
        (OURS, "same"),
        (replace(OURS, document_date=date(2026, 3, 1)), "same"),
        (replace(OURS, balance=Decimal(41)), "different"),
        (replace(OURS, order_id=None), "different"),
        (replace(OURS, customer_id="C-2"), "different"),
        (NEWER, "behind"),
        (OLDER, "ahead"),
        (None, "unknown"),
    ],
)
def test_how_a_document_stands_to_its_owners(theirs: State | None, standing: str) -> None:
    assert stand(OURS, theirs) == standing
    assert (difference(OURS, theirs) is None) is (standing == "same")


def test_what_the_owner_has_and_we_have_not_is_missing() -> None:
    found = difference(None, OURS)

    assert stand(None, OURS) == "missing"
    assert found is not None
    assert (found.ours, found.theirs) == (None, "version 2, 40 EUR, order SO-1")


def test_of_a_receipt_only_its_cash_counts() -> None:
    receipt = replace(OURS, kind="receipt", order_id=None, amount=None)

    assert stand(receipt, replace(receipt, amount=Decimal(99))) == "same"
    assert stand(receipt, replace(receipt, balance=Decimal(41))) == "different"


@pytest.mark.parametrize(
    ("ours", "first_seen", "theirs", "late"),
    [
        (OURS, NEWER, NEWER, True),
        (NEWER, NEWER, NEWEST, False),
        (NEWER, NEWER, NEWER, False),
        (None, NEWER, NEWER, True),
        (OURS, None, None, True),
        (OURS, OURS, replace(OURS, balance=Decimal(1)), True),
    ],
)
def test_who_has_passed_what_was_missed_first_is_on_the_way(
    ours: State | None, first_seen: State | None, theirs: State | None, late: bool
) -> None:
    assert is_late(ours, first_seen, theirs) is late
