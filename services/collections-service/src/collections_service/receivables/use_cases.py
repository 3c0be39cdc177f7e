"""What can be done with the projection: take over what the owners of the facts say, and ask them where they have not said it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.receivables import repository
from collections_service.receivables.domain import (
    AgedAmount,
    Basis,
    Dimension,
    ForeignItemError,
    KnownItem,
    Payment,
    Standing,
    UnknownCustomerError,
    UnknownItemError,
    payments_of,
)
from collections_service.receivables.tables import (
    CustomerCreditRow,
    CustomerRow,
    DisputeRow,
    ItemPostingRow,
    ItemRow,
    OrderRow,
    ReceiptPostingRow,
    ReceiptRow,
)
from shared.events.cashapp import ItemEvent, ItemState, PaymentEvent
from shared.events.credit import CreditLimitChanged, CustomerEvent, CustomerState, OrderEvent
from shared.events.dispute import DisputeEvent
from shared.http.client import ServiceClient
from shared.security import Principal
from shared.unit_of_work import UnitOfWork

ASKED_FOR = 0
"""The version of a state that was asked for: any event of the aggregate is newer."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The services that own what this one only keeps a copy of."""

    credit: ServiceClient
    cashapp: ServiceClient

    async def customer(self, customer_id: str, *, caller: Principal) -> CustomerState | None:
        """Return a customer, None where there is none; raise `UnavailableError`."""
        found = await self.credit.get(f"/v1/customers/{quote(customer_id, safe='')}", caller=caller)
        return None if found is None else CustomerState.model_validate(found)

    async def item(self, item_id: str, *, caller: Principal) -> ItemState | None:
        """Return an item, None where there is none; raise `UnavailableError`."""
        found = await self.cashapp.get(f"/v1/items/{quote(item_id, safe='')}", caller=caller)
        return None if found is None else ItemState.model_validate(found | {"item_id": found["id"]})


async def take_customer(uow: UnitOfWork, event: CustomerEvent) -> None:
    """Take over a customer's master data."""
    await repository.lock_customers(uow.session, [event.customer.customer_id])
    await _put_customer(uow, event.customer, event.version)


async def _put_customer(uow: UnitOfWork, customer: CustomerState, version: int) -> None:
    state = customer.model_dump(include={"customer_id", "name", "currency", "company_code", "collector"})
    await repository.put_states(uow.session, CustomerRow, "customer_id", [state | {"version": version}])


async def take_credit(uow: UnitOfWork, event: CreditLimitChanged) -> None:
    """Take over a customer's risk class and block."""
    await repository.lock_customers(uow.session, [event.customer_id])
    state = event.model_dump(include={"customer_id", "version", "risk_class", "blocked"})
    await repository.put_states(uow.session, CustomerCreditRow, "customer_id", [state])


async def take_items(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Take over items and the postings that changed them; the customers' locks must be held."""
    await _put_items(uow, [(event.item, event.version) for event in events])
    postings = [event.posting.model_dump(exclude={"dispute_id"}) | {"item_id": event.item.item_id} for event in events]
    await repository.put_postings(uow.session, ItemPostingRow, postings)


async def _put_items(uow: UnitOfWork, items: Iterable[tuple[ItemState, int]]) -> None:
    left_out = {"order_id", "po_number", "reference", "payment_terms"}
    states = [item.model_dump(exclude=left_out) | {"version": version} for item, version in items]
    if states:
        await repository.put_states(uow.session, ItemRow, "item_id", states)


async def take_receipts(uow: UnitOfWork, events: Sequence[PaymentEvent]) -> None:
    """Take over receipts and the changes of what no item has of them; the customers' locks must be held."""
    await repository.put_states(uow.session, ReceiptRow, "receipt_id", [_receipt(event) for event in events])
    await repository.put_postings(uow.session, ReceiptPostingRow, [_unapplied(event) for event in events])


def _receipt(event: PaymentEvent) -> dict[str, object]:
    receipt = event.receipt
    state = receipt.model_dump(
        include={"receipt_id", "customer_id", "company_code", "amount", "currency", "value_date", "status"}
    )
    held = receipt.applied + receipt.on_account + receipt.unapplied
    return state | {"version": event.version, "held": held}


def _unapplied(event: PaymentEvent) -> dict[str, object]:
    receipt, posting = event.receipt, event.posting
    return {
        "receipt_id": receipt.receipt_id,
        "posting_id": posting.posting_id,
        "posting_date": posting.posting_date,
        "customer_id": receipt.customer_id,
        "company_code": receipt.company_code,
        "currency": receipt.currency,
        "unapplied": posting.on_account + posting.unapplied,
    }


async def take_disputes(uow: UnitOfWork, events: Sequence[DisputeEvent]) -> None:
    """Take over the newest states of cases and what they dispute of each item."""
    newest: dict[str, DisputeEvent] = {}
    for event in sorted(events, key=lambda one: one.version):
        newest[event.dispute.dispute_id] = event
    await repository.lock_customers(uow.session, [event.dispute.customer_id for event in newest.values()])
    wanted = {"dispute_id", "customer_id", "status", "currency", "opened_on"}
    states = [event.dispute.model_dump(include=wanted) | {"version": event.version} for event in newest.values()]
    newer = await repository.put_newer(uow.session, DisputeRow, "dispute_id", states)
    if newer:
        amounts = {
            dispute_id: {item.item_id: item.disputed_amount for item in newest[dispute_id].dispute.items}
            for dispute_id in newer
        }
        await repository.replace_disputed_items(uow.session, amounts)


async def take_order(uow: UnitOfWork, event: OrderEvent) -> None:
    """Take over how the credit check left an order."""
    await repository.lock_customers(uow.session, [event.order.customer_id])
    state = event.order.model_dump(include={"order_id", "customer_id", "status", "amount", "currency"})
    await repository.put_states(uow.session, OrderRow, "order_id", [state | {"version": event.version}])


async def ensure_known(
    uow: UnitOfWork, owners: Owners, *, caller: Principal, customer_id: str, item_ids: Sequence[str], field: str
) -> list[KnownItem]:
    """Lock a customer, make sure that it and its items are here, and return the items in their order.

    What no event has told yet is asked of its owner, before anything is locked. `field` is where the request names the items.
    Raises `UnknownCustomerError`, `UnknownItemError`, `ForeignItemError`, and `UnavailableError` where an owner cannot say.
    """
    customer = None
    if not await repository.knows_customer(uow.session, customer_id):
        customer = await owners.customer(customer_id, caller=caller)
        if customer is None:
            raise UnknownCustomerError(customer_id)
    known = await repository.known_items(uow.session, item_ids)
    asked: list[ItemState] = []
    for position, item_id in enumerate(item_ids):
        item = None if item_id in known else await owners.item(item_id, caller=caller)
        if item_id not in known and item is None:
            raise UnknownItemError(item_id, f"{field}.{position}")
        if item is not None:
            asked.append(item)
            known[item_id] = KnownItem(item_id, item.customer_id, item.currency, item.issue_date)
        if known[item_id].customer_id != customer_id:
            raise ForeignItemError(item_id, customer_id, f"{field}.{position}")
    await repository.lock_customers(uow.session, [customer_id])
    if customer is not None:
        await _put_customer(uow, customer, ASKED_FOR)
    await _put_items(uow, [(item, ASKED_FOR) for item in asked])
    return [known[item_id] for item_id in item_ids]


async def customers_of_receipts(session: AsyncSession, receipt_ids: Collection[str]) -> set[tuple[str, str]]:
    """Lock receipts and return (customer, currency) of who sent them and of whose items they paid."""
    return await repository.customers_of_receipts(session, receipt_ids)


async def lock_all_customers(uow: UnitOfWork) -> None:
    """Let nobody else write about any customer to the end of the transaction."""
    await repository.lock_all_customers(uow.session)


async def lock_customers(uow: UnitOfWork, customer_ids: Iterable[str]) -> None:
    """Let nobody else write about these customers to the end of the transaction."""
    await repository.lock_customers(uow.session, customer_ids)


async def payments_since(session: AsyncSession, customer_id: str, currency: str, *, since: date) -> list[Payment]:
    """Return a customer's payments with a value date from `since` on."""
    receipts = await repository.received_money(session, customer_id, currency, since=since)
    return payments_of(customer_id, receipts)


async def newest_issue_date(session: AsyncSession, customer_id: str, currency: str, *, until: date) -> date | None:
    """Return the issue date of a customer's newest item that was issued on or before `until`."""
    return await repository.newest_issue_date(session, customer_id, currency, until=until)


async def standings(session: AsyncSession, *, as_of: date, collector: str | None = None) -> list[Standing]:
    """Return how every customer stands as of a day, or those of one collector."""
    return await repository.standings(session, as_of=as_of, collector=collector)


async def aged_amounts(
    session: AsyncSession,
    *,
    as_of: date,
    basis: Basis,
    starts: Sequence[date],
    group_by: Dimension,
    customer_id: str | None,
) -> list[AgedAmount]:
    """Return what the postings up to and with `as_of` sum to, by key, currency and bucket, unapplied cash apart.

    Bucket 0 are items of `starts[0]` and later, bucket 1 those before it from `starts[1]` on, and so on.
    """
    return await repository.aged_amounts(
        session, as_of=as_of, basis=basis, starts=starts, group_by=group_by, customer_id=customer_id
    )
