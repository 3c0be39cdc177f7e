"""What an insurer covers, and when something is to be told, at the edges."""

from datetime import date
from decimal import Decimal

import pytest

from credit_service.credit_insurance.domain import Finding, Insurance, Overdue, findings

DAY = date(2026, 3, 2)


def insurance(**changes: object) -> Insurance:
    values = {
        "insurer": "Atradius",
        "policy_number": "P-1",
        "insured_limit": Decimal(1000),
        "currency": "EUR",
        "covered_pct": Decimal(90),
        "deductible": Decimal(0),
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "notify_overdue_after_days": 60,
    }
    return Insurance(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "pct", "deductible", "cover"),
    [
        ("1000", "90", "0", "900.00"),
        ("1000", "100", "0", "1000.00"),
        ("1000", "90", "900", "0"),
        ("1000", "90", "900.01", "0"),
        ("1000", "90", "899.99", "0.01"),
        ("0.03", "50", "0", "0.02"),
        ("1000", "0.0001", "0", "0.00"),
    ],
)
def test_the_cover_is_the_insured_share_less_the_deductible_and_never_negative(
    limit: str, pct: str, deductible: str, cover: str
) -> None:
    insured = insurance(insured_limit=Decimal(limit), covered_pct=Decimal(pct), deductible=Decimal(deductible))

    assert insured.cover == Decimal(cover)
    assert insured.cover <= insured.insured_limit


def test_an_overdue_is_told_by_the_last_day_the_insurer_leaves() -> None:
    overdue = Overdue(2, Decimal(300), date(2025, 12, 30))
    insured = insurance(notify_within_days=10)

    [found] = findings(insured, exposure=Decimal(500), overdue=overdue, as_of=DAY)

    assert insured.counted_until(DAY) == date(2026, 1, 1)
    assert found == Finding("overdue_to_be_told", Decimal(300), 2, date(2026, 1, 1), tell_by=date(2026, 3, 10))


def test_without_a_duty_to_tell_nothing_is_told() -> None:
    insured = insurance(notify_overdue_after_days=None)

    assert insured.counted_until(DAY) is None
    assert findings(insured, exposure=Decimal(0), overdue=Overdue(1, Decimal(1), DAY), as_of=DAY) == []


@pytest.mark.parametrize(
    ("as_of", "alarmed"),
    [
        (date(2026, 11, 30), False),
        (date(2026, 12, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 6, 1), True),
    ],
)
def test_the_end_of_the_cover_is_alarmed_its_notice_before_and_after(as_of: date, alarmed: bool) -> None:
    found = findings(insurance(), exposure=Decimal(0), overdue=None, as_of=as_of)

    assert [one.kind for one in found] == (["expiring"] if alarmed else [])
