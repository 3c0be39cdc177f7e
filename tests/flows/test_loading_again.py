"""A load that was broken off is started again: what is there already is not loaded twice."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from openitem.ledgers.api import Api
from openitem.ledgers.ledger import BankCredit, CustomerLimit, Dispute, Invoice, Ledger
from openitem.ledgers.loader import load
from tests.flows.world import World

pytestmark = pytest.mark.stack


def small_ledger(customer: str) -> Ledger:
    issued_on = date(2026, 3, 2)
    number = f"RE-{uuid4().int % 10**10:010}"
    invoice = Invoice(number, customer, issued_on, issued_on + timedelta(days=30), Decimal("100.00"), "EUR")
    credit = BankCredit(
        account=f"DE{uuid4().int % 10**20:020}",
        reference=uuid4().hex[:12],
        value_date=issued_on + timedelta(days=20),
        amount=Decimal("60.00"),
        currency="EUR",
        payer_name="Kunde",
        payer_account=None,
        purpose="Danke",
    )
    promise = {"customer_id": customer, "promised_on": "2027-05-01", "amount": "40.00", "currency": "EUR"}
    return Ledger(
        customers={customer: {"name": "Kunde", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}},
        limits=[CustomerLimit(customer, Decimal("500.00"), "EUR")],
        invoices=[invoice],
        disputes=[Dispute(customer, number, Decimal("40.00"), "price", "too dear", issued_on)],
        credits=[credit],
        promises=[promise],
    )


async def test_a_ledger_loaded_twice_is_there_once(world: World) -> None:
    customer = f"C-{uuid4().hex[:8]}"
    ledger = small_ledger(customer)
    async with Api(world.stack.base_url, world.stack.clients) as api:
        await load(api, ledger, lambda *_: None)
        await load(api, ledger, lambda *_: None)

    disputes = await world.get("dispute_coordinator", "/v1/disputes", customer_id=customer)
    promises = await world.get("collector", "/v1/promises", customer_id=customer)
    assert (len(disputes["data"]), len(promises["data"])) == (1, 1)
    assert await world.open_items(customer, date(2026, 12, 31)) == Decimal("100.00")
    await world.books_agree()
