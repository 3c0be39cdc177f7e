"""Which entries are known: no movement is taken twice, and no two different ones are taken for one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashapp_service.bank_statements.domain import BankStatement, StatementEntry
from cashapp_service.bank_statements.domain.known_entries import (
    StoredEntry,
    StoredStatement,
    balances_before,
    continuity,
    fingerprint,
    known_entries,
)

DAY = date(2026, 3, 20)


def entry(amount: str = "100.00", **fields: Any) -> StatementEntry:
    values: dict[str, Any] = {
        "position": 1,
        "booking_date": DAY,
        "value_date": DAY,
        "amount": Decimal(amount),
        "currency": "EUR",
        "bank_reference": None,
        "customer_reference": None,
        "payer_name": "Nordlicht",
        "payer_account": None,
        "purpose": "thank you",
        "transaction_code": "NTRF",
        "reversal": False,
    }
    return StatementEntry(**(values | fields))


def statement(*entries: StatementEntry, number: str = "1", opening: str = "0.00", **fields: Any) -> BankStatement:
    placed = tuple(replace(one, position=position) for position, one in enumerate(entries, start=1))
    values: dict[str, Any] = {
        "account": "DE1",
        "number": number,
        "currency": "EUR",
        "opening_balance": Decimal(opening),
        "opening_date": DAY,
        "closing_balance": Decimal(opening) + sum(one.amount for one in entries),
        "closing_date": DAY,
        "entries": placed,
        "proved": True,
    }
    return BankStatement(**(values | fields))


def stored(*statements: BankStatement) -> tuple[list[StoredStatement], list[StoredEntry]]:
    names = ("number", "opening_balance", "opening_date", "closing_balance", "closing_date")
    heads = [
        StoredStatement(f"stm_{index}", **{name: getattr(one, name) for name in names})
        for index, one in enumerate(statements)
    ]
    entries = [
        StoredEntry(f"ste_{index}_{line.position}", f"stm_{index}", line, before, None)
        for index, one in enumerate(statements)
        for line, before in zip(one.entries, balances_before(one), strict=True)
    ]
    return heads, entries


def known(new: BankStatement, *before: BankStatement) -> list[int]:
    return sorted(known_entries(new, *stored(*before)))


def test_the_same_statement_again_has_nothing_new() -> None:
    one = statement(entry(), entry(), entry("7.00", bank_reference="B1"))

    assert known(one, one) == [1, 2, 3]


@pytest.mark.parametrize("reference", [None, "NONREF", "NOTPROVIDED", "000000"])
def test_equal_entries_of_the_next_statement_of_a_day_are_new(reference: str | None) -> None:
    first = statement(entry(bank_reference=reference))
    second = statement(entry(bank_reference=reference), number="2", opening="100.00")

    assert known(second, first) == []


def test_equal_entries_are_new_even_where_the_balance_came_back_between_them() -> None:
    first = statement(entry(), entry("-100.00"))
    second = statement(entry(), number="2", opening="0.00")

    assert known(second, first) == []


def test_a_statement_of_another_number_is_another_even_where_all_it_says_is_the_same() -> None:
    assert known(statement(entry(), number="3"), statement(entry(), number="1")) == []


def test_what_the_payer_named_is_known_whatever_number_the_bank_gives_the_statement() -> None:
    paid = entry(customer_reference="E2E-17")

    assert known(statement(paid, number="download-2"), statement(paid, number="download-1")) == [1]


def test_an_entry_more_than_before_is_new() -> None:
    first = statement(entry(), proved=False)
    second = statement(entry(), entry())

    assert known(second, first) == [1]


def test_an_overlapping_statement_has_new_only_what_is_beyond() -> None:
    first = statement(entry(), entry("20.00"))
    second = statement(entry("20.00"), entry("20.00"), number="", opening="100.00")

    assert known(second, first) == [1]


def test_entries_with_different_bank_references_are_never_one() -> None:
    assert known(statement(entry(bank_reference="B2")), statement(entry(bank_reference="B1"))) == []


def test_a_bank_reference_names_an_entry_whatever_another_format_says_beside_it() -> None:
    mt940 = statement(entry(bank_reference="B1", purpose="RE 1"), number="17")
    camt = statement(entry(bank_reference="B1", purpose="RE 1 ", transaction_code="PMNT"), number="2026-17")

    assert known(camt, mt940) == [1]


def test_a_bank_that_gives_one_reference_to_a_whole_day_loses_nothing() -> None:
    first = statement(entry(bank_reference="DAY"))
    second = statement(entry(bank_reference="DAY"), number="2", opening="100.00")

    assert known(second, first) == []


def test_another_day_or_amount_is_another_entry() -> None:
    first = statement(entry(bank_reference="B1"))

    assert known(statement(entry("100.01", bank_reference="B1")), first) == []
    assert known(statement(entry(bank_reference="B1", booking_date=date(2026, 3, 21))), first) == []


def test_a_stored_entry_is_found_once() -> None:
    first = statement(entry(bank_reference="B1"))
    second = statement(entry(bank_reference="B1"), entry(bank_reference="B1"))

    assert known(second, first) == [1]


def test_a_statement_that_was_not_read_whole_is_completed_by_the_corrected_file() -> None:
    broken = statement(entry("5.00"), entry("7.00"), proved=False)
    corrected = statement(entry("5.00"), entry("6.00"), entry("7.00"))

    assert known(corrected, broken) == [1, 3]


AMOUNTS = st.lists(st.sampled_from(["100.00", "-100.00", "50.00"]), min_size=1, max_size=8)


@given(days=st.lists(AMOUNTS, min_size=1, max_size=4), again=st.lists(st.integers(0, 3), max_size=6))
def test_of_a_chain_of_statements_each_entry_is_taken_once_however_often_they_come(
    days: Sequence[list[str]], again: list[int]
) -> None:
    totals = [sum(map(Decimal, day), Decimal(0)) for day in days]
    openings = list(accumulate(totals, initial=Decimal("1000.00")))
    chain = [
        statement(*(entry(amount) for amount in day), number=str(index), opening=str(opening))
        for index, (day, opening) in enumerate(zip(days, openings, strict=False))
    ]
    taken: list[BankStatement] = []
    for one in [*chain, *(chain[index % len(chain)] for index in again)]:
        if fingerprint(one) in {fingerprint(other) for other in taken}:
            continue
        assert known(one, *taken) == []
        taken.append(one)

    assert sum(len(one.entries) for one in taken) == sum(map(len, days))


def test_the_next_statement_continues_where_the_last_one_closed() -> None:
    first = statement(entry())
    heads, _ = stored(first)

    assert continuity(first, [], known=0).kind == "first"
    assert continuity(statement(entry(), number="2", opening="100.00"), heads, known=0).kind == "continues"


def test_a_statement_that_opens_elsewhere_shows_a_gap_and_says_where() -> None:
    heads, _ = stored(statement(entry()))

    found = continuity(statement(entry(), number="3", opening="130.00"), heads, known=0)

    assert found.kind == "gap"
    assert found.detail is not None
    assert "opens with 130.00" in found.detail
    assert "closed with 100.00" in found.detail


def test_a_statement_with_known_entries_overlaps() -> None:
    assert continuity(statement(entry()), [], known=1).kind == "overlap"


def test_without_an_opening_balance_nothing_is_claimed() -> None:
    found = continuity(statement(entry(), opening_balance=None, proved=False), [], known=0)

    assert found.kind == "unproved"
