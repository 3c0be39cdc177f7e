"""What payments, returns and the day do to promises."""

from tests.collections.books import Books, day
from tests.collections.desk import Desk, both


async def test_an_applied_payment_keeps_the_promise_as_soon_as_it_is_there(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    item = books.invoice("C-1", "400.00")
    await desk.hear(*books.events)
    promise = await desk.promise("C-1", "400.00", by=day(10), made_on="2026-03-03", items=[item])

    before = len(books.events)
    books.apply(books.receive("C-1", "400.00", on=day(5)), item, "400.00")
    await desk.hear(*both(books.events[before:]))

    assert await desk.status(promise) == ("kept", "400.00")
    assert await desk.told() == [("promise.made", 1), ("promise.kept", 2)]
