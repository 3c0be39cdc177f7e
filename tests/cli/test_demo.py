"""The demo company is the same for the same seed and shaped after the published figures."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from openitem.demo.company import ACCOUNTS, invent
from openitem.ledgers.ledger import Ledger

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def company() -> Ledger:
    return invent(7, TODAY)


def paid_invoices(company: Ledger) -> list[tuple[str, date, date]]:
    """Customer, due date and day of payment of each invoice that a bank credit names."""
    invoices = {invoice.number: invoice for invoice in company.invoices}
    return [
        (invoices[number].customer_id, invoices[number].due_date, credit.value_date)
        for credit in company.credits
        for number in invoices.keys() & set(credit.purpose.replace(",", " ").split())
    ]


def test_the_same_seed_and_day_invent_the_same_company(company: Ledger) -> None:
    assert invent(7, TODAY) == company
    assert invent(8, TODAY) != company


def test_lateness_and_disputes_are_as_published(company: Ledger) -> None:
    days = [max(0, (paid_on - due_on).days) for _, due_on, paid_on in paid_invoices(company)]

    assert len(company.invoices) == 2500
    assert 0.30 <= sum(1 for one in days if one) / len(days) <= 0.42
    assert 2.5 <= sum(days) / len(days) <= 4.5
    assert 0.20 <= len(company.disputes) / len(company.invoices) <= 0.26


def test_a_sixth_of_the_customers_is_never_late(company: Ledger) -> None:
    late: dict[str, bool] = defaultdict(bool)
    for customer, due_on, paid_on in paid_invoices(company):
        late[customer] |= paid_on > due_on

    assert 13 <= sum(1 for was_late in late.values() if not was_late) <= 22


def test_nothing_happens_after_today_and_nothing_is_paid_before_it_is_issued(company: Ledger) -> None:
    issued = {invoice.number: invoice.issue_date for invoice in company.invoices}

    assert max(invoice.issue_date for invoice in company.invoices) <= TODAY
    for credit in company.credits:
        assert credit.value_date < TODAY
        for number in issued.keys() & set(credit.purpose.replace(",", " ").split()):
            assert issued[number] <= credit.value_date


@pytest.mark.parametrize("seed", range(5))
def test_no_promise_is_made_after_its_day(seed: int) -> None:
    promises = invent(seed, TODAY).promises

    assert promises
    assert all(promise["made_on"] <= promise["promised_on"] for promise in promises)


def test_amounts_are_exact_and_positive_and_bank_references_unique(company: Ledger) -> None:
    assert all(
        credit.amount > 0 and credit.amount == credit.amount.quantize(Decimal("0.01")) for credit in company.credits
    )
    references = [(credit.account, credit.reference) for credit in company.credits]
    assert len(set(references)) == len(references)
    assert {credit.account for credit in company.credits} == set(ACCOUNTS.values())


def test_a_group_shares_the_limit_of_a_head_in_the_currency_of_all_members(company: Ledger) -> None:
    parents = {number: body["parent_id"] for number, body in company.customers.items() if "parent_id" in body}

    assert set(parents.values()) == set(company.shared_limits)
    assert all(
        company.customers[one]["currency"] == company.customers[head]["currency"] for one, head in parents.items()
    )


def test_a_balance_sheet_balances(company: Ledger) -> None:
    assert len(company.financial_statements) > 40
    for statement in company.financial_statements.values():
        figures = {name: Decimal(amount) for name, amount in statement["figures"].items()}
        assert figures["total_assets"] == figures["equity"] + figures["total_liabilities"]
        assert figures["current_assets"] <= figures["total_assets"]
