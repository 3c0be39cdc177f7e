"""What a run over small balances adds up, and what it posts; plain values."""

from datetime import date
from decimal import Decimal

from cashapp_service.small_balances.domain import SmallBalance, Sums, WantedRun, clearing_entries
from shared.money import Money


def found(balance: str, customer_id: str = "C-1", company_code: str = "1000") -> SmallBalance:
    return SmallBalance(f"itm_{balance}", f"RE{balance}", customer_id, company_code, Decimal(balance))


def test_an_authority_has_to_cover_both_sides_with_their_amounts() -> None:
    sums = Sums.of([Decimal("4.00"), Decimal("-3.00")])

    assert (sums.items, sums.debits, sums.credits) == (2, Decimal("4.00"), Decimal("3.00"))
    assert sums.gross("EUR") == Money(Decimal("7.00"), "EUR")


def test_each_customer_of_each_company_has_an_entry_of_its_own() -> None:
    balances = [found("1.00"), found("2.00", customer_id="C-2"), found("3.00", company_code="2000"), found("-4.00")]

    entries = clearing_entries("sbr_1", balances, "EUR", on=date(2026, 6, 30))

    assert [(one.company_code, one.lines[-1].customer_id, one.lines[-1].amount) for one in entries] == [
        ("1000", "C-1", Decimal("-3.00")),
        ("1000", "C-2", Decimal("2.00")),
        ("2000", "C-1", Decimal("3.00")),
    ]


def test_the_last_due_date_that_counts_lies_the_days_before_the_run() -> None:
    wanted = WantedRun(as_of=date(2026, 6, 30), currency="EUR", max_amount=Decimal(5), older_than_days=30)

    assert wanted.due_until == date(2026, 5, 31)
