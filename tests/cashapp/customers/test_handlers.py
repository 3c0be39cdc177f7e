from typing import Any

from cashapp_service.customers import use_cases
from cashapp_service.subscriptions import SUBSCRIPTIONS
from shared.events.credit import CustomerCreated, CustomerState, CustomerUpdated
from tests.cashapp.driver import Cashapp


def state(**fields: Any) -> CustomerState:
    values = {"customer_id": "C-1", "name": "Nordlicht", "country": "DE", "currency": "EUR", "payment_terms": "net 10"}
    return CustomerState.model_validate(values | fields)


async def deliver(cashapp: Cashapp, *events: CustomerCreated | CustomerUpdated) -> None:
    for event in events:
        async with cashapp.units.begin() as uow:
            await SUBSCRIPTIONS[type(event)](uow, event)


async def names(cashapp: Cashapp) -> tuple[str, ...]:
    async with cashapp.units.read() as session:
        return (await use_cases.find_many(session, ["C-1"]))["C-1"].names


async def test_an_older_state_does_not_replace_a_newer_one(cashapp: Cashapp) -> None:
    await deliver(
        cashapp,
        CustomerUpdated(version=2, customer=state(name="Polarlicht", aliases=["PL"])),
        CustomerCreated(version=1, customer=state()),
    )

    assert await names(cashapp) == ("Polarlicht", "PL")


async def test_an_event_overrides_what_its_owner_was_asked_for(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    asked = await names(cashapp)

    await deliver(cashapp, CustomerCreated(version=1, customer=state()))

    assert (asked, await names(cashapp)) == (("Handel C-1",), ("Nordlicht",))


async def test_the_terms_of_the_newest_state_hold_for_the_next_invoice(cashapp: Cashapp) -> None:
    await deliver(cashapp, CustomerCreated(version=1, customer=state()))

    assert (await cashapp.invoice())["due_date"] == "2026-03-11"


async def test_terms_that_cannot_be_read_are_asked_for_with_the_document(cashapp: Cashapp) -> None:
    await deliver(cashapp, CustomerCreated(version=1, customer=state(payment_terms="ZB30")))
    body = {"number": "RE-1", "kind": "invoice", "customer_id": "C-1", "issue_date": "2026-03-01"}

    answer = await cashapp.post("/v1/items", body | {"amount": "1.00", "currency": "EUR"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "payment_terms")
