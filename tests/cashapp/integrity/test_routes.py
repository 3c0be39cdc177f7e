"""A law that cannot be broken through the API is broken here by hand, to see that the proof notices."""

import pytest
from sqlalchemy import text

from cashapp_service.integrity.use_cases import verdicts
from tests.cashapp.driver import Cashapp, mt940, takes

BREACHES = {
    "item_balance_is_its_postings": "update items set balance = balance - 1, status = 'open'",
    "item_conservation": "update items set amount = amount + 1",
    "receipt_parts_are_its_postings": "update receipts set unapplied = unapplied + 1, applied = applied - 1 where applied > 0",
    "receipt_applied_is_what_items_got": "update receipts set applied = applied - 1, refunded = refunded + 1 where applied > 0",
    "applications_are_their_postings": "update allocations set payment = payment - 1, receipt_amount = payment - 1",
    "exchanged_money_is_worth_what_it_pays": "update allocations set exchange_rate = 2",
    "exchange_differences_are_posted_as_gain_or_loss": "update allocations set exchange_rate = 1, exchange_difference = 1",
    "applications_take_what_they_allocate": "update applications set from_unapplied = from_unapplied + 1",
    "statements_are_proved": "update statements set closing_balance = closing_balance + 1",
    "every_credit_of_a_bank_file_is_one_receipt": "update statement_entries set receipt_id = null",
    "entries_balance": "update journal_lines set debit = debit + 1 where debit > 0",
    "trial_balance_is_zero": "update journal_lines set debit = debit + 1 where debit > 0",
    "lines_agree_with_their_entry": "update journal_lines set company_code = '2000'",
    "no_item_crosses_zero_on_any_day": (
        "update journal_lines set posting_date = '2026-01-01' where account = 'receivables' and credit > 0"
    ),
    "no_receipt_is_overdrawn_on_any_day": (
        "update journal_lines set posting_date = '2026-01-01' where account = 'unapplied_cash' and debit > 0"
    ),
    "receipt_conservation": None,
}


async def story(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("600.00", customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "500.00"))
    await cashapp.imported(mt940("C5,NTRFNONREF//B1|thank you"))


async def test_every_law_is_checked_and_holds(cashapp: Cashapp) -> None:
    await story(cashapp)

    found = await cashapp.get("/v1/ledger/integrity")

    assert found["ok"]
    assert {law["name"] for law in found["laws"]} == set(BREACHES)
    assert all(law["checked"] for law in found["laws"])


@pytest.mark.parametrize("law", [law for law, breach in BREACHES.items() if breach])
async def test_a_breach_of_a_law_is_named(cashapp: Cashapp, law: str) -> None:
    await story(cashapp)
    async with cashapp.units.read() as session:
        await session.execute(text("alter table journal_lines disable trigger user"))
        await session.execute(text(str(BREACHES[law])))
        found = await verdicts(session)

    assert law in {one.name for one in found if one.violations}


async def test_the_database_itself_refuses_a_receipt_whose_parts_do_not_sum(cashapp: Cashapp) -> None:
    await story(cashapp)

    with pytest.raises(Exception, match="amount_is_the_sum_of_its_parts"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text("update receipts set unapplied = unapplied + 1"))
