"""Exposure follows the documents, whatever order their events come in."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from decimal import Decimal

import pytest

from credit_service.exposure.handlers import on_disputes_changed, on_items_changed, on_payments_changed
from credit_service.exposure.use_cases import convert_waiting
from credit_service.subscriptions import SUBSCRIPTIONS
from shared.events.cashapp import ItemEvent, PaymentEvent, PaymentRefunded
from shared.events.dispute import DisputeEvent
from shared.events.envelope import EventData
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.ledger import dispute, invoice, receipt


async def tell(units: Units, *events: EventData) -> None:
    """Apply events, each in a transaction of its own."""
    for event in events:
        await tell_together(units, event)


async def tell_together(units: Units, *events: EventData) -> None:
    """Apply events in one transaction, as the consumer does with what waits for it."""
    async with units.begin() as uow:
        items = [event for event in events if isinstance(event, ItemEvent)]
        payments = [event for event in events if isinstance(event, PaymentEvent)]
        if items:
            await on_items_changed(uow, items)
        if payments:
            await on_payments_changed(uow, payments)
        for event in events:
            if isinstance(event, DisputeEvent):
                await on_disputes_changed(uow, [event])


async def test_an_invoice_takes_over_the_reservation_of_its_order(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")

    await tell(units, invoice("1", "C-1", "700.00", "SO-1").event())

    exposure = (await desk.credit("C-1"))["exposure"]
    assert (exposure["open_orders"], exposure["open_items"], exposure["total"]) == ("0.00", "700.00", "700.00")
    assert (await desk.order("SO-1"))["status"] == "invoiced"


async def test_a_part_of_an_order_that_is_invoiced_leaves_the_rest_reserved(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")

    await tell(units, invoice("1", "C-1", "200.00", "SO-1").event(), invoice("2", "C-1", "100.00", "SO-1").event())

    exposure = (await desk.credit("C-1"))["exposure"]
    assert (exposure["open_orders"], exposure["open_items"], exposure["total"]) == ("400.00", "300.00", "700.00")
    order = await desk.order("SO-1")
    assert (order["status"], order["open_amount"]) == ("approved", "400.00")


async def test_an_invoice_above_its_order_takes_no_more_than_was_reserved(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "100.00")
    await desk.check("C-1", "SO-2", "100.00")

    await tell(units, invoice("1", "C-1", "150.00", "SO-1").event())

    assert await desk.exposure("C-1", "open_orders") == "100.00"


STORY = ("check", "post", "part", "clear")
ORDERS = [
    ("check", "post", "part", "clear"),
    ("post", "check", "part", "clear"),
    ("clear", "post", "part", "check"),
    ("part", "clear", "check", "post"),
    ("clear", "check", "part", "post"),
    ("post", "part", "clear", "check"),
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("times", [1, 2])
async def test_order_invoice_and_payments_end_alike_in_whatever_order_they_come(
    desk: CreditDesk, units: Units, order: Sequence[str], times: int
) -> None:
    await desk.customer("C-1")
    posted = invoice("1", "C-1", "700.00", "SO-1")
    part = posted.now("200.00")
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "check": lambda: desk.check("C-1", "SO-1", "700.00"),
        "post": lambda: tell(units, posted.event()),
        "part": lambda: tell(units, part.event(kind="payment")),
        "clear": lambda: tell(units, part.now("0.00").event(kind="payment")),
    }

    for _ in range(times):
        for step in order:
            await steps[step]()

    exposure = (await desk.credit("C-1"))["exposure"]
    assert (exposure["open_orders"], exposure["open_items"], exposure["total"]) == ("0.00", "0.00", "0.00")
    assert (await desk.order("SO-1"))["status"] == "invoiced"


async def test_a_batch_of_events_ends_like_the_same_events_alone(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")
    await desk.check("C-1", "SO-1", "700.00")
    posted, other = invoice("1", "C-1", "700.00", "SO-1"), invoice("2", "C-2", "50.00")
    money = receipt("1", None, "20.00")

    await tell_together(
        units,
        posted.now("200.00").event(kind="payment"),
        other.event(),
        posted.event(),
        money.now(customer_id="C-2").event(),
        money.event(),
        other.event(),
    )

    assert (await desk.credit("C-1"))["exposure"]["total"] == "200.00"
    assert (await desk.credit("C-2"))["exposure"]["total"] == "30.00"
    assert (await desk.order("SO-1"))["status"] == "invoiced"


async def test_at_no_moment_is_a_value_in_two_categories_or_in_none(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")
    seen = set()

    async def watch() -> None:
        while True:
            seen.add(await desk.exposure("C-1"))

    watching = asyncio.create_task(watch())
    for number in range(7):
        await tell(units, invoice(f"{number}", "C-1", "100.00", "SO-1").event())
    watching.cancel()

    assert seen <= {"700.00"}
    assert await desk.exposure("C-1") == "700.00"


async def test_a_payment_frees_exposure_and_releases_what_was_held(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "900.00")
    await tell(units, item.event())
    assert (await desk.check("C-1", "SO-1", "500.00")).json()["decision"] == "held"

    await tell(units, item.now("0.00").event(kind="payment"))

    order = await desk.order("SO-1")
    assert (order["status"], order["hold_id"]) == ("released", None)
    assert await desk.exposure("C-1", "open_orders") == "500.00"
    assert [hold["status"] for hold in await desk.holds("C-1")] == ["released"]
    assert [line["status"] for line in order["history"]] == ["held", "released"]


async def test_held_orders_are_released_oldest_first_as_far_as_the_limit_goes(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "1000.00")
    await tell(units, item.event())
    for order_id, amount in (("SO-1", "600.00"), ("SO-2", "600.00"), ("SO-3", "300.00")):
        await desk.check("C-1", order_id, amount)

    await tell(units, item.now("0.00").event(kind="payment"))

    statuses = [(await desk.order(order_id))["status"] for order_id in ("SO-1", "SO-2", "SO-3")]
    assert statuses == ["released", "held", "released"]
    assert await desk.exposure("C-1") == "900.00"


async def test_a_bounced_payment_counts_again_as_if_it_had_never_come(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "400.00")
    paid = item.now("0.00")

    await tell(units, item.event(), paid.event(kind="payment"), paid.now("400.00").event(kind="reversal"))

    assert await desk.exposure("C-1", "open_items") == "400.00"


async def test_cash_of_a_known_customer_lowers_exposure_and_of_an_unknown_one_nobodys(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1")
    await tell(units, invoice("1", "C-1", "400.00").event())
    money = receipt("1", None, "150.00")

    await tell(units, money.event())
    unknown = await desk.exposure("C-1")
    await tell(units, money.now(customer_id="C-1").event())
    known = (await desk.credit("C-1"))["exposure"]

    assert unknown == "400.00"
    assert (known["unapplied"], known["total"]) == ("150.00", "250.00")


async def test_cash_that_is_paid_back_lowers_exposure_no_more(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    money = receipt("1", "C-1", "150.00")
    told = money.now(unapplied=Decimal("50.00")).event()
    refunded = PaymentRefunded(version=2, receipt=told.receipt, posting=told.posting, refund_id="rfd_1")
    await tell(units, money.event())

    async with units.begin() as uow:
        await SUBSCRIPTIONS[PaymentRefunded](uow, refunded)

    assert await desk.exposure("C-1", "unapplied") == "50.00"


async def test_a_receipt_that_moves_to_another_customer_lowers_only_that_ones_exposure(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")
    money = receipt("1", "C-1", "150.00")

    await tell(units, money.now(customer_id="C-2").event(), money.event())

    assert await desk.exposure("C-1", "unapplied") == "0.00"
    assert await desk.exposure("C-2", "unapplied") == "150.00"


async def test_documents_that_come_before_their_customer_are_counted_when_it_comes(
    desk: CreditDesk, units: Units
) -> None:
    await tell(units, invoice("1", "C-1", "400.00").event(), receipt("1", "C-1", "150.00").event())

    await desk.customer("C-1")

    credit = await desk.credit("C-1")
    assert credit["exposure"]["total"] == "250.00"
    assert credit["oldest_due_date"] == "2026-04-01"


async def test_a_customer_and_its_first_items_may_come_at_the_same_moment(desk: CreditDesk, units: Units) -> None:
    for number in range(8):
        customer = f"C-{number}"
        await asyncio.gather(
            desk.customer(customer, limit=None),
            *(tell(units, invoice(f"{number}-{part}", customer, "10.00").event()) for part in range(4)),
        )
        assert await desk.exposure(customer) == "40.00"


async def test_a_credit_memo_lowers_exposure_and_a_down_payment_requested_is_special(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1")

    await tell(
        units,
        invoice("1", "C-1", "400.00").event(),
        invoice("2", "C-1", "-100.00", kind="credit_memo").event(),
        invoice("3", "C-1", "50.00", kind="down_payment_request").event(),
    )

    exposure = (await desk.credit("C-1"))["exposure"]
    assert (exposure["open_items"], exposure["special"], exposure["total"]) == ("300.00", "50.00", "350.00")


async def test_overdue_begins_the_day_after_the_due_date(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await tell(units, invoice("1", "C-1", "400.00", due_date=date(2026, 4, 1)).event())

    overdue = [(await desk.credit("C-1", as_of=day))["overdue"] for day in ("2026-04-01", "2026-04-02")]

    assert overdue == ["0.00", "400.00"]


async def test_what_is_disputed_is_shown_in_its_newest_state(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")

    await tell(units, dispute("1", "C-1", "30.00", 2), dispute("1", "C-1", "50.00", 1), dispute("2", "C-1", "5.00"))

    assert (await desk.credit("C-1"))["disputed"] == "35.00"


async def test_a_held_order_that_is_invoiced_all_the_same_is_not_held_any_more(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "500.00")

    await tell(units, invoice("1", "C-1", "500.00", "SO-1").event())

    order = await desk.order("SO-1")
    assert (order["status"], order["hold_id"], order["version"]) == ("invoiced", None, 2)
    assert [hold["status"] for hold in await desk.holds("C-1")] == ["closed"]


async def test_an_item_in_a_currency_without_a_rate_holds_orders_until_the_rate_is_there(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1")
    await tell(units, invoice("1", "C-1", "108.00", currency="USD").event())
    held = (await desk.check("C-1", "SO-1", "100.00")).json()

    rates = {"base": "EUR", "rates": {"USD": "1.08"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-02", json=rates)
    async with units.begin() as uow:
        still_waiting = await convert_waiting(uow)

    assert [reason["rule"] for reason in held["reasons"]] == ["missing_exchange_rate"]
    assert still_waiting == 0
    assert await desk.exposure("C-1", "open_items") == "100.00"
    assert (await desk.order("SO-1"))["status"] == "released"


async def test_the_rate_once_used_stays_with_what_it_converted(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    rates = {"base": "EUR", "rates": {"USD": "2"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=rates)
    item = invoice("1", "C-1", "100.00", currency="USD")
    await tell(units, item.event())
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=rates | {"rates": {"USD": "4"}})

    await tell(units, item.now("50.00").event(kind="payment"))

    assert await desk.exposure("C-1", "open_items") == str(Decimal("25.00"))
