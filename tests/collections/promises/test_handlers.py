"""What payments, returns and the day do to promises."""

from typing import Any

import pytest

from shared.events.cashapp import PaymentReceived
from tests.collections.books import Books, day
from tests.collections.desk import Desk, both, customer

MADE = "2026-03-03"


@pytest.fixture
async def item(desk: Desk, books: Books) -> str:
    """An item of 400.00 EUR of customer C-1, which the service knows."""
    await desk.know_customers("C-1", "C-2")
    item = books.invoice("C-1", "400.00")
    await desk.hear(*books.events)
    return item


async def promised(desk: Desk, amount: str = "400.00", **more: Any) -> Any:
    return await desk.promise("C-1", amount, by=day(10), made_on=MADE, **more)


async def hear_rest(desk: Desk, books: Books, known: int) -> None:
    await desk.hear(*both(books.events[known:]))


async def test_an_applied_payment_keeps_the_promise_as_soon_as_it_is_there(desk: Desk, books: Books, item: str) -> None:
    promise = await promised(desk, items=[item])

    books.apply(books.receive("C-1", "400.00", on=day(5)), item, "400.00")
    await hear_rest(desk, books, 1)

    assert await desk.status(promise) == ("kept", "400.00")
    assert await desk.told() == [("promise.made", 1), ("promise.kept", 2)]


async def test_money_already_here_keeps_a_promise_when_it_is_recorded(desk: Desk, books: Books, item: str) -> None:
    books.receive("C-1", "400.00", on=day(5))
    await hear_rest(desk, books, 1)

    promise = await promised(desk)

    assert (promise["status"], promise["version"]) == ("kept", 2)
    assert await desk.told() == [("promise.made", 1), ("promise.kept", 2)]


async def test_money_that_is_paid_back_keeps_no_promise(desk: Desk, books: Books, item: str) -> None:
    promise = await promised(desk)
    receipt = books.receive("C-1", "400.00", on=day(5))
    await hear_rest(desk, books, 1)
    before = await desk.status(promise)
    known = len(books.events)

    books.refund(receipt, "300.00", on=day(6))
    await desk.hear(*books.events[known:])

    assert (before, await desk.status(promise)) == (("kept", "400.00"), ("open", "100.00"))


async def test_a_promise_is_open_on_its_last_tolerance_day_and_broken_the_day_after(desk: Desk, item: str) -> None:
    promise = await promised(desk)

    await desk.run_day(day(12))
    on_its_last_day = await desk.status(promise)
    job = await desk.run_day(day(13))

    assert on_its_last_day == ("open", "0.00")
    assert await desk.status(promise) == ("broken", "0.00")
    assert job["result"] == {"date": "2026-03-15", "promises": {"kept": 0, "partially_kept": 0, "broken": 1}}
    assert await desk.told() == [("promise.made", 1), ("promise.broken", 2)]


async def test_a_part_of_the_money_keeps_a_promise_partially(desk: Desk, books: Books, item: str) -> None:
    promise = await promised(desk)
    books.receive("C-1", "150.00", on=day(5))
    await hear_rest(desk, books, 1)

    await desk.run_day(day(13))

    assert await desk.status(promise) == ("partially_kept", "150.00")
    assert await desk.told() == [("promise.made", 1), ("promise.broken", 2)]


async def test_a_bounced_payment_leaves_the_promise_as_if_it_had_never_been_paid(
    desk: Desk, books: Books, item: str
) -> None:
    promise = await promised(desk)
    receipt = books.receive("C-1", "400.00", on=day(5))
    books.apply(receipt, item, "400.00")
    await hear_rest(desk, books, 1)
    known = len(books.events)

    books.give_back(receipt, on=day(8))
    await hear_rest(desk, books, known)

    assert await desk.status(promise) == ("open", "0.00")
    assert await desk.told() == [("promise.made", 1), ("promise.kept", 2), ("promise.reopened", 3)]


async def test_a_payment_that_bounces_after_the_day_breaks_the_promise(desk: Desk, books: Books, item: str) -> None:
    promise = await promised(desk)
    receipt = books.receive("C-1", "400.00", on=day(5))
    await hear_rest(desk, books, 1)
    await desk.run_day(day(13))
    kept = await desk.status(promise)
    known = len(books.events)

    books.give_back(receipt, on=day(20))
    await hear_rest(desk, books, known)

    assert kept == ("kept", "400.00")
    assert await desk.status(promise) == ("broken", "0.00")


async def test_money_known_only_after_the_day_keeps_the_promise_if_it_came_in_time(
    desk: Desk, books: Books, item: str
) -> None:
    promise = await promised(desk)
    await desk.run_day(day(13))
    receipt = books.receive(None, "400.00", on=day(9))
    await hear_rest(desk, books, 1)
    unknown = await desk.status(promise)
    known = len(books.events)

    books.identify(receipt, "C-1", on=day(15))
    await hear_rest(desk, books, known)

    assert unknown == ("broken", "0.00")
    assert await desk.status(promise) == ("kept", "400.00")


async def test_no_event_on_the_way_lets_a_kept_promise_waver(desk: Desk, books: Books, item: str) -> None:
    """Receipt and item tell of one application in two events: neither order may look like money that went."""
    promise = await promised(desk)
    receipt = books.receive("C-1", "400.00", on=day(5))
    await hear_rest(desk, books, 1)
    known = len(books.events)

    books.apply(receipt, item, "400.00")
    item_event, payment_event = books.events[known:]
    await desk.hear(payment_event, item_event)

    assert await desk.status(promise) == ("kept", "400.00")
    assert await desk.told() == [("promise.made", 1), ("promise.kept", 2)]


async def test_money_on_account_keeps_a_promise_that_names_an_item(desk: Desk, books: Books, item: str) -> None:
    promise = await promised(desk, items=[item])

    books.put_on_account(books.receive("C-1", "400.00", on=day(5)))
    await hear_rest(desk, books, 1)

    assert await desk.status(promise) == ("kept", "400.00")


async def test_money_for_another_item_does_not_keep_a_promise_that_names_one(
    desk: Desk, books: Books, item: str
) -> None:
    promise = await promised(desk, items=[item])

    other = books.invoice("C-1", "400.00")
    books.apply(books.receive("C-1", "400.00", on=day(5)), other, "400.00")
    await hear_rest(desk, books, 1)

    assert await desk.status(promise) == ("open", "0.00")


async def test_a_credit_memo_does_not_keep_a_promise(desk: Desk, books: Books, item: str) -> None:
    promise = await promised(desk, items=[item])

    books.credit(item, "400.00", on=day(5))
    await hear_rest(desk, books, 1)

    assert await desk.status(promise) == ("open", "0.00")


async def test_a_reversal_takes_back_what_its_own_application_gave(desk: Desk, books: Books, item: str) -> None:
    promise = await promised(desk, items=[item])
    receipt = books.receive("C-1", "400.00", on=day(5))
    wrong = books.apply(receipt, item, "100.00")
    books.apply(receipt, item, "300.00")
    other = books.invoice("C-1", "100.00")
    books.reverse(wrong, on=day(6))
    books.apply(receipt, other, "100.00", on=day(6))

    await hear_rest(desk, books, 1)

    assert await desk.status(promise) == ("open", "300.00")


async def test_what_a_parent_pays_keeps_its_subsidiarys_promise_and_not_its_own(
    desk: Desk, books: Books, item: str
) -> None:
    theirs = await promised(desk)
    own = await desk.promise("C-2", "400.00", by=day(10), made_on=MADE)
    receipt = books.receive("C-2", "400.00", on=day(5))
    await hear_rest(desk, books, 1)
    before = await desk.status(own)
    known = len(books.events)

    books.apply(receipt, item, "400.00")
    await hear_rest(desk, books, known)
    paid = await desk.status(theirs), await desk.status(own)
    known = len(books.events)
    books.give_back(receipt, on=day(7))
    await hear_rest(desk, books, known)

    assert before == ("kept", "400.00")
    assert paid == (("kept", "400.00"), ("open", "0.00"))
    assert await desk.status(theirs) == ("open", "0.00")


async def test_a_parents_promise_is_open_again_once_the_item_tells_that_the_money_went_to_another(
    desk: Desk, books: Books, item: str
) -> None:
    own = await desk.promise("C-2", "400.00", by=day(10), made_on=MADE)
    books.apply(books.receive("C-2", "400.00", on=day(5)), item, "400.00")
    received, paid_item, applied = books.events[1:]

    await desk.hear(received, applied, paid_item)

    assert await desk.status(own) == ("open", "0.00")


async def test_a_corrected_payer_reopens_the_promise_of_the_wrong_one(desk: Desk, books: Books, item: str) -> None:
    wrong = await promised(desk)
    right = await desk.promise("C-2", "400.00", by=day(10), made_on=MADE)
    books.receive("C-1", "400.00", on=day(5))
    await hear_rest(desk, books, 1)
    before = await desk.status(wrong)
    received = books.events[-1]
    assert isinstance(received, PaymentReceived)
    theirs = received.receipt.model_copy(update={"customer_id": "C-2"})

    await desk.hear(received.model_copy(update={"version": 2, "receipt": theirs}))

    assert before == ("kept", "400.00")
    assert (await desk.status(wrong), await desk.status(right)) == (("open", "0.00"), ("kept", "400.00"))


async def test_a_reversal_that_comes_before_its_payment_takes_nothing_from_another(
    desk: Desk, books: Books, item: str
) -> None:
    promise = await promised(desk, "60.00")
    receipt = books.receive("C-2", "100.00", on=day(5))
    books.apply(receipt, item, "60.00")
    await hear_rest(desk, books, 1)
    known = len(books.events)
    books.reverse(books.apply(receipt, item, "40.00"), on=day(6))
    second_payment, _, reversal, _ = books.events[known:]

    await desk.hear(reversal, second_payment)

    assert await desk.status(promise) == ("kept", "60.00")
    assert await desk.told() == [("promise.made", 1), ("promise.kept", 2)]


async def test_withdrawing_a_promise_frees_its_money_for_the_next(desk: Desk, books: Books, item: str) -> None:
    first = await promised(desk)
    second = await desk.promise("C-1", "100.00", by=day(11), made_on=MADE)
    books.receive("C-1", "100.00", on=day(5))
    await hear_rest(desk, books, 1)
    waiting = await desk.status(first), await desk.status(second)

    await desk.ask("POST", f"/v1/promises/{first['id']}/withdraw")

    assert waiting == (("open", "100.00"), ("open", "0.00"))
    assert await desk.status(second) == ("kept", "100.00")


async def test_a_renamed_customer_keeps_its_promises(desk: Desk, item: str) -> None:
    promise = await promised(desk)

    await desk.hear(customer("C-1", version=2, name="Neu"))

    assert await desk.status(promise) == ("open", "0.00")
