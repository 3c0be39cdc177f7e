"""A law that cannot be broken through the API is broken here by hand, to see that the proof notices."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from cashapp_service.integrity.use_cases import verdicts
from cashapp_service.periods.domain import Period
from cashapp_service.periods.use_cases import close_period
from shared.events.dispute import DisputeResolved
from tests.cashapp.disputes.test_handlers import decided as decision
from tests.cashapp.disputes.test_handlers import deliver
from tests.cashapp.driver import Cashapp, cashapp_on, mt940, takes
from tests.support.services import copied_database

# Of item, receipt, application, refund, write-off and recovery by turns; what the database refuses by a constraint is last.
BREACHES = {
    "item_balance_is_its_postings": "update items set balance = balance - 1 where balance > 1",
    "items_stand_where_their_postings_left_them": "update items set version = version + 1",
    "item_conservation": "update items set amount = amount + 1",
    "no_item_crosses_zero_on_any_day": (
        "update journal_lines set posting_date = '2026-01-01' where account = 'receivables' and credit > 0"
    ),
    "receivables_account_is_the_sum_of_items": "update items set company_code = '2000' where balance > 0",
    "receivables_lines_are_of_their_item": "update journal_lines set customer_id = 'C-2' where account = 'receivables'",
    "tax_of_items_is_posted": "update items set tax_amount = tax_amount + 1 where tax_amount > 0",
    "down_payments_are_settled_once": "update down_payment_settlements set withdrawn = withdrawn + 1",
    "items_show_their_latest_submission": "update items set submission = 'failed' where submission = 'submitted'",
    "submissions_stand_where_their_last_step_is": "delete from submission_steps",
    "items_show_what_cases_dispute": "update items set disputed_amount = disputed_amount + 1",
    "every_credit_of_a_case_is_posted_once": "delete from dispute_credits",
    "receipt_amount_is_what_came_in": "update receipts set amount = amount + 1, applied = applied + 1 where applied > 0",
    "receipts_count_their_entries": "update receipts set version = version + 1",
    "cash_lines_are_of_their_receipt": "update journal_lines set customer_id = 'C-2' where account = 'unapplied_cash'",
    "receipt_parts_are_its_postings": "update receipts set unapplied = unapplied + 1, applied = applied - 1 where applied > 0",
    "receipt_applied_is_what_items_got": "update receipts set applied = applied - 1, refunded = refunded + 1 where applied > 0",
    "no_receipt_is_overdrawn_on_any_day": (
        "update journal_lines set posting_date = '2026-01-01' where account = 'unapplied_cash' and debit > 0"
    ),
    "applications_are_reversed_exactly_once": (
        "update applications set status = 'reversed', reversed_on = '2026-04-01' where reversed_on is null"
    ),
    "applications_are_their_postings": "update allocations set payment = payment - 1, receipt_amount = payment - 1",
    "applications_are_of_their_receipt_and_their_items": "update allocations set customer_id = 'C-2'",
    "residual_items_are_what_was_carried": "update allocations set residual = residual + 1 where residual > 0",
    "applications_take_what_they_allocate": "update applications set from_unapplied = from_unapplied + 1",
    "items_carry_the_discount_that_was_not_granted": "update items set discount_carried = discount_carried + 1",
    "no_discount_is_granted_that_no_part_has_earned": "update items set discount_carried = -0.006",
    "discounts_of_applications_are_their_postings": "update allocations set discount = discount + 1",
    "exchanged_money_is_worth_what_it_pays": "update allocations set exchange_rate = 1, exchange_difference = 0.01",
    "exchange_differences_are_posted_as_gain_or_loss": "update allocations set exchange_rate = 1, exchange_difference = 1",
    "refunds_are_their_parts": "delete from refund_parts",
    "refunds_are_their_postings": "update journal_entries set document_id = null where kind = 'refund'",
    "recharged_refunds_are_owed_by_a_debit_memo": (
        "update journal_entries set document_id = null where entry_id in"
        " (select entry_id from journal_lines join refund_parts on recharged_item_id = journal_lines.item_id)"
    ),
    "receipt_refunded_is_its_refunds": "update receipts set refunded = refunded - 1, applied = applied + 1 where refunded > 0",
    "write_offs_are_their_items": "update write_offs set amount = amount + 1",
    "write_offs_are_their_postings": "update journal_entries set document_id = null where kind = 'write_off'",
    "written_off_is_what_write_offs_took_and_did_not_recover": "update write_off_items set recovered = 0",
    "recoveries_are_their_postings": "update journal_entries set document_id = null where kind = 'recovery'",
    "write_off_recovered_is_its_recoveries": "update write_off_items set recovered = recovered + 1",
    "every_returned_payment_has_its_exception": "update payment_exceptions set amount = amount + 1",
    "money_came_back_with_a_receipt_of_the_same_customer": "update payment_exceptions set currency = 'USD'",
    "no_more_than_the_fee_is_credited_back": (
        "update payment_exceptions set outcome = 'won', fee = 1, (fee_item_id, fee_credit_item_id) ="
        " (select min(item_id), max(item_id) from items) where outcome is not null"
    ),
    "small_balances_are_cleared_once": "update small_balance_items set balance = balance + 1",
    "statements_are_proved": "update statements set closing_balance = closing_balance + 1",
    "every_credit_of_a_bank_file_is_one_receipt": "update statement_entries set receipt_id = null",
    "entries_balance": "update journal_lines set debit = debit + 1 where debit > 0",
    "trial_balance_is_zero": "update journal_lines set debit = debit + 1 where debit > 0",
    "lines_agree_with_their_entry": "update journal_lines set company_code = '2000'",
    "deductions_are_booked_where_they_belong": "update journal_lines set account = 'fees' where account = 'bad_debt'",
    "postings_are_unique": "update journal_lines set posting_id = 'pst_1'",
    "sequences_go_on_behind_the_last_entry": (
        "insert into journal_entries (entry_id, sequence, kind, posting_date, company_code, currency, posted_at)"
        " overriding system value values ('jne_x', 9999, 'issue', '2026-04-01', '1000', 'EUR', now())"
    ),
    "no_entry_is_posted_into_a_closed_period": "update periods set closed_behind = 0",
    "receipt_conservation": None,
}
# Laws that have several sides: what leaves the others as they are.
FURTHER_BREACHES = {
    "items_stand_where_their_postings_left_them": "update items set postable_from = postable_from - 1",
    "receipt_amount_is_what_came_in": "update receipts set ledger_account = 'cash_2'",
    "applications_are_their_postings": "update allocations set credit = credit - 1, tolerance = tolerance + 1",
    "refunds_are_their_postings": (
        "update journal_lines set item_id = (select max(item_id) from items where kind = 'invoice')"
        " where entry_id in (select entry_id from journal_entries where kind = 'refund') and kind = 'payment'"
    ),
    "down_payments_are_settled_once": (
        "update down_payment_settlements set (deducted, withdrawn) = (deducted - 1, withdrawn + 1)"
    ),
    "every_credit_of_a_case_is_posted_once": "update journal_entries set dispute_id = 'dsp_2' where dispute_id is not null",
}


@pytest.fixture(scope="module")
async def books(postgres_url: str, cashapp_template: str) -> AsyncIterator[Cashapp]:
    """One company's books in which something of everything was posted; what a test breaks is rolled back."""
    with copied_database(postgres_url, cashapp_template) as url:
        async with cashapp_on(url) as cashapp:
            await story(cashapp)
            yield cashapp


async def story(cashapp: Cashapp) -> None:
    """Post, settle, send, apply, take back, return, write off, recover, refund, import and close."""
    request = await cashapp.invoice(
        "AZ-1", "119.00", customer_id="C-3", kind="down_payment_request", tax_amount="19.00"
    )
    await cashapp.apply(await cashapp.receipt("119.00", customer_id="C-3"), takes(request, "119.00"))
    final = await cashapp.invoice("RE-FINAL", "1190.00", customer_id="C-3", down_payments=[{"number": "AZ-1"}])
    await decided(
        cashapp, f"/v1/items/{final['id']}/submissions", {"channel": "email", "submitted_on": "2026-03-02"}, role="erp"
    )
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("600.00", customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "500.00"))
    taken_back = (await cashapp.apply(receipt, takes(item, "20.00"))).json()
    await decided(cashapp, f"/v1/applications/{taken_back['id']}/reverse", {"posting_date": "2026-03-21"}, role="admin")
    loss = {"items": [{"item_id": item["id"], "amount": "300.00"}], "reason_code": "insolvency", "evidence": ["Notice"]}
    write_off = await decided(cashapp, "/v1/write-offs", loss, role="ar_specialist")
    await decided(cashapp, f"/v1/write-offs/{write_off['id']}/approve", {"posting_date": "2026-04-02"})
    recovered = {"receipt_id": receipt["id"], "amount": "10.00"}
    await decided(cashapp, f"/v1/write-offs/{write_off['id']}/recoveries", recovered, role="ar_specialist")
    wanted = {"customer_id": "C-1", "currency": "EUR", "reason_code": "overpayment", "receipt_ids": [receipt["id"]]}
    refund = await decided(cashapp, "/v1/refunds", wanted | {"amount": "40.00"}, role="ar_specialist")
    await decided(cashapp, f"/v1/refunds/{refund['id']}/approve", {"refunded_on": "2026-04-02"})
    bounced = await cashapp.receipt("30.00", customer_id="C-1")
    nsf = {"reason": "nsf", "value_date": "2026-03-25"}
    returned: Any = await decided(cashapp, f"/v1/receipts/{bounced['id']}/return", nsf, role="ar_specialist")
    replacement = {"outcome": "replaced", "receipt_id": (await cashapp.receipt("30.00", customer_id="C-1"))["id"]}
    await decided(
        cashapp, f"/v1/payment-exceptions/{returned['payment_exception']['id']}/resolve", replacement, role="admin"
    )
    await refunded_and_carried(cashapp)
    await cashapp.invoice("RE-SMALL", "2.00")
    small = {"as_of": "2026-04-30", "currency": "EUR", "max_amount": "5.00", "older_than_days": 0}
    assert (await cashapp.post("/v1/write-offs/small-balances", small)).status_code == 202
    await cashapp.work()
    await cashapp.imported(mt940("C5,NTRFNONREF//B1|thank you"))
    async with cashapp.units.begin() as uow:
        await close_period(uow, "1000", Period(2026, 3), by="controller")


async def refunded_and_carried(cashapp: Cashapp) -> None:
    """Carry a rest, credit a disputed item, refund the memo, and have the bank take a payment back that was refunded."""
    item = await cashapp.invoice("RE-SHORT", "200.00")
    paid = await cashapp.receipt("150.00", customer_id="C-1")
    short = takes(item, "120.00", shortfall="residual", reason_code="price")
    assert (await cashapp.apply(paid, short)).status_code == 201
    case = decision((await cashapp.invoice("RE-DISPUTED", "80.00"), "80.00"), amount="100.00")
    await deliver(cashapp, DisputeResolved(version=1, dispute=case))
    (memo,) = (await cashapp.get("/v1/items", kind="credit_memo"))["data"]
    wanted = {"customer_id": "C-1", "currency": "EUR", "reason_code": "overpayment"}
    for sources in ({"item_ids": [memo["id"]]}, {"receipt_ids": [paid["id"]]}):
        refund = await decided(cashapp, "/v1/refunds", wanted | sources, role="ar_specialist")
        await decided(cashapp, f"/v1/refunds/{refund['id']}/approve", {"refunded_on": "2026-04-02"})
    nsf = {"reason": "nsf", "value_date": "2026-04-03"}
    await decided(cashapp, f"/v1/receipts/{paid['id']}/return", nsf, role="ar_specialist")


async def decided(cashapp: Cashapp, path: str, body: object, *, role: str = "controller") -> dict[str, str]:
    answer = await cashapp.post(path, body, role=role)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def test_every_law_is_checked_and_holds(books: Cashapp) -> None:
    found = await books.get("/v1/ledger/integrity")

    assert [law for law in found["laws"] if law["violations"]] == []
    assert found["ok"]
    assert {law["name"] for law in found["laws"]} == set(BREACHES)
    assert [law["name"] for law in found["laws"] if not law["checked"]] == []


@pytest.mark.parametrize(
    ("law", "breach"),
    [
        pytest.param(law, breach, id=f"{law}{side}")
        for side, breaches in (("", BREACHES), ("-another-side", FURTHER_BREACHES))
        for law, breach in breaches.items()
        if breach
    ],
)
async def test_a_breach_of_a_law_is_named(books: Cashapp, law: str, breach: str) -> None:
    async with books.units.read() as session:
        # A replica's session fires no triggers and checks no references.
        await session.execute(text("set local session_replication_role = replica"))
        await session.execute(text(breach))
        found = await verdicts(session)

    assert law in {one.name for one in found if one.violations}


async def test_the_database_itself_refuses_a_receipt_whose_parts_do_not_sum(books: Cashapp) -> None:
    with pytest.raises(Exception, match="amount_is_the_sum_of_its_parts"):
        async with books.units.begin() as uow:
            await uow.session.execute(text("update receipts set unapplied = unapplied + 1"))


async def test_the_answer_names_what_is_broken_and_says_so_at_its_end(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    async with cashapp.units.begin() as uow:
        await uow.session.execute(text("update items set balance = 1"))

    found = await cashapp.get("/v1/ledger/integrity")

    assert not found["ok"]
    assert [law["name"] for law in found["laws"] if law["violations"]] == [
        "item_balance_is_its_postings",
        "item_conservation",
        "receivables_account_is_the_sum_of_items",
    ]
