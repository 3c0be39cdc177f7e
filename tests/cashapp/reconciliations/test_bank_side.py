"""What statements say of an account's balance, and what they leave open."""

from datetime import date
from decimal import Decimal

import pytest

from cashapp_service.bank_statements.domain.known_entries import StoredStatement
from cashapp_service.reconciliations.domain import StatementFacts, bank_balance
from cashapp_service.reconciliations.domain.bank_side import gaps, last_working_day


def statement(
    id_: str, opens: str, opening: int, closes: str, closing: int, *, until: int | None = None, overlaps: bool = False
) -> StatementFacts:
    """Return a proved statement; by default all its entries lie before the day of the reconciliation."""
    stored = StoredStatement(
        id_, id_, Decimal(opening), date.fromisoformat(opens), Decimal(closing), date.fromisoformat(closes)
    )
    moved = Decimal(closing - opening)
    return StatementFacts(stored, True, overlaps, moved if until is None else Decimal(until), moved)


FRIDAY, SATURDAY = date(2026, 10, 30), date(2026, 10, 31)


@pytest.mark.parametrize(
    ("statements", "amount", "on", "complete"),
    [
        pytest.param([("a", "2026-10-31", 0, "2026-10-31", 70)], 70, SATURDAY, True, id="closes on the day"),
        pytest.param([("a", "2026-10-30", 0, "2026-10-30", 70)], 70, FRIDAY, True, id="closes on the last working day"),
        pytest.param([("a", "2026-10-29", 0, "2026-10-29", 70)], 70, date(2026, 10, 29), False, id="closes before"),
        pytest.param(
            [("a", "2026-10-28", 0, "2026-10-28", 70), ("b", "2026-11-02", 70, "2026-11-02", 90)],
            70,
            date(2026, 10, 28),
            True,
            id="the next one opens where it closed",
        ),
        pytest.param(
            [("a", "2026-10-28", 0, "2026-10-28", 70), ("b", "2026-11-02", 80, "2026-11-02", 90)],
            70,
            date(2026, 10, 28),
            False,
            id="the next one opens elsewhere",
        ),
        pytest.param(
            [("b", "2026-10-30", 70, "2026-10-30", 50), ("a", "2026-10-30", 0, "2026-10-30", 70)],
            50,
            FRIDAY,
            True,
            id="of two of one day the one on which none follows",
        ),
    ],
)
def test_the_balance_is_that_of_the_last_statement_of_the_month(
    statements: list[tuple[str, str, int, str, int]], amount: int, on: date, complete: bool
) -> None:
    found = bank_balance([statement(*one) for one in statements], SATURDAY)

    assert found is not None
    assert (found.amount, found.on, found.complete) == (Decimal(amount), on, complete)


def test_a_statement_that_reaches_beyond_the_month_is_opened_at_its_end() -> None:
    found = bank_balance([statement("w", "2026-10-28", 100, "2026-11-03", 400, until=40)], SATURDAY)

    assert found is not None
    assert (found.amount, found.on, found.complete) == (Decimal(140), SATURDAY, True)


def test_no_statement_says_no_balance() -> None:
    assert bank_balance([], SATURDAY) is None
    assert bank_balance([statement("n", "2026-11-02", 5, "2026-11-02", 9)], SATURDAY) is None


def test_a_gap_is_named_with_its_amount_and_closed_by_the_statement_that_comes_late() -> None:
    first = statement("a", "2026-10-01", 0, "2026-10-01", 100)
    third = statement("c", "2026-10-05", 130, "2026-10-05", 150)
    late = statement("b", "2026-10-02", 100, "2026-10-02", 130)

    (gap,) = gaps([first, third], SATURDAY)

    assert (gap.before.statement_id, gap.after.statement_id, gap.jump) == ("a", "c", Decimal(30))
    assert gaps([first, third, late], SATURDAY) == []


def test_neither_the_first_statement_nor_an_overlapping_one_leaves_a_gap() -> None:
    first = statement("a", "2026-10-01", 0, "2026-10-02", 100)
    again = statement("b", "2026-10-02", 60, "2026-10-03", 120, overlaps=True)

    assert gaps([first, again], SATURDAY) == []


def test_a_statement_of_the_next_month_leaves_no_gap_in_this_one() -> None:
    first = statement("a", "2026-10-01", 0, "2026-10-01", 100)
    later = statement("c", "2026-11-05", 130, "2026-11-05", 150)

    assert gaps([first, later], SATURDAY) == []


@pytest.mark.parametrize(("day", "working"), [(30, 30), (31, 30)])
def test_banks_state_nothing_on_a_saturday(day: int, working: int) -> None:
    assert last_working_day(date(2026, 10, day)) == date(2026, 10, working)
    assert last_working_day(date(2026, 11, 1)) == FRIDAY
