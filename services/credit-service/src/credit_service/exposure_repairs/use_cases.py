"""Repairs one customer's exposure: the owner's documents, then the orders, then the sums.

The one thing to know: our documents are read before the owner's, so that one which the owner does not name is unknown to it and
not just younger; and each is read once more under its lock, so that an event that came meanwhile is never undone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account, CustomerNotFoundError, Exposure
from credit_service.exposure import use_cases as exposure
from credit_service.exposure_checks import use_cases as exposure_checks
from credit_service.exposure_checks.domain import Difference, State, difference, stand
from credit_service.exposure_checks.use_cases import Owner
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.fulfilment.domain import Delivery
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order
from credit_service.receivables import use_cases as receivables
from credit_service.receivables.domain import Item, Receipt
from credit_service.releases import use_cases as releases
from shared.money import Money
from shared.unit_of_work import UnitOfWork

DOCUMENTS_MAX = 2_000
"""How many documents one call repairs: each is locked, and PostgreSQL's table of locks is finite."""
FOLLOWS = "It did not follow from the order's deliveries and invoices."
_PARTS = ("open_orders", "delivered", "open_items", "special", "unapplied")


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair changed: documents, and columns of the account with their old and new values."""

    currency: str
    documents: tuple[Difference, ...]
    columns: Mapping[str, tuple[Any, Any]]
    remaining: int

    @property
    def changed(self) -> bool:
        """Whether anything was wrong."""
        return bool(self.documents or self.columns)


async def repair(uow: UnitOfWork, customer_id: str, owner: Owner, *, by: str) -> Repaired:
    """Make a customer's documents, orders and sums what its owner's documents say; what is right stays untouched.

    Raises `CustomerNotFoundError`, and `UnavailableError` where the owner cannot be asked.
    """
    known = await _account(uow, customer_id)
    seen = await exposure_checks.states_here(uow.session, customer_id, {})
    theirs = await owner.states(customer_id)
    seen |= await exposure_checks.states_here(uow.session, customer_id, theirs)
    every = sorted(id_ for id_ in seen.keys() | theirs.keys() if _is_wrong(seen.get(id_), theirs.get(id_)))
    wrong = every[:DOCUMENTS_MAX]
    askew = {_id(one) for one in (await exposure.misconverted(uow, known))[:DOCUMENTS_MAX]}
    await receivables.lock_documents(uow, {*wrong, *askew})
    now = await exposure_checks.states_here(uow.session, customer_id, theirs)
    concerned = {customer_id} | {now[id_].customer_id for id_ in wrong if id_ in now and now[id_].customer_id}
    accounts = await credit_accounts.locked_accounts(uow, concerned)
    documents = await _rewrite(uow, accounts[customer_id], wrong, seen, now, theirs)
    documents += await _convert_again(uow, accounts[customer_id], askew)
    columns, settled = await _recount(uow, accounts[customer_id])
    documents += settled
    for other in concerned - {customer_id}:
        await _recount(uow, accounts[other])
    repaired = Repaired(known.currency, tuple(documents), columns, remaining=len(every) - len(wrong))
    if repaired.changed:
        await _journal(uow, customer_id, repaired, by)
        for account in (await credit_accounts.locked_accounts(uow, concerned)).values():
            await releases.recheck(uow, account)
    return repaired


async def _account(uow: UnitOfWork, customer_id: str) -> Account:
    account = (await credit_accounts.accounts(uow.session, [customer_id])).get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    return account


def _is_wrong(ours: State | None, theirs: State | None) -> bool:
    # What is newer here came by an event after the owner was asked.
    return stand(ours, theirs) not in ("same", "ahead")


async def _rewrite(
    uow: UnitOfWork,
    account: Account,
    wrong: list[str],
    seen: Mapping[str, State],
    now: Mapping[str, State],
    theirs: Mapping[str, State],
) -> list[Difference]:
    """Take over the owner's states of documents that are still wrong, and drop those that it does not know."""
    changed: list[Difference] = []
    for id_ in wrong:
        ours, true = now.get(id_), theirs.get(id_)
        if not _is_wrong(ours, true) or (true is None and ours != seen.get(id_)):
            continue
        if true is None:
            await receivables.forget(uow, id_)
        else:
            await exposure.take_state(uow, _document(true), account, true.document_date)
        found = difference(ours, true)
        assert found is not None, "a wrong document without a difference"
        changed.append(found)
    return changed


def _document(state: State) -> Item | Receipt:
    if state.kind == "receipt":
        return Receipt(state.id, state.version, state.customer_id, state.balance, state.currency, None, ZERO)
    assert state.amount is not None, "an item without an amount"
    assert state.due_date is not None, "an item without a due date"
    return Item(
        state.id,
        state.version,
        state.customer_id,
        state.order_id,
        state.kind,
        state.amount,
        state.balance,
        state.currency,
        state.due_date,
        None,
        ZERO,
        ZERO,
    )


def _id(document: Item | Receipt) -> str:
    return document.item_id if isinstance(document, Item) else document.receipt_id


async def _convert_again(uow: UnitOfWork, account: Account, locked: set[str]) -> list[Difference]:
    right = [one for one in await exposure.misconverted(uow, account) if _id(one) in locked]
    await receivables.save(uow, right)
    why = "Its amount in the account's currency did not follow from its rate."
    return [
        Difference(account.customer_id, _category(one), _id(one), None, str(Money(_counts(one), account.currency)), why)
        for one in right
    ]


def _category(document: Item | Receipt) -> str:
    if isinstance(document, Receipt):
        return "unapplied"
    return "special" if document.kind == "down_payment_request" else "open_items"


def _counts(document: Item | Receipt) -> Decimal:
    return document.account_cash if isinstance(document, Receipt) else document.account_balance


async def _recount(uow: UnitOfWork, account: Account) -> tuple[dict[str, tuple[Any, Any]], list[Difference]]:
    """Make a locked account the sum of its documents, its orders settled; return what changed of both."""
    accounts = {account.customer_id: account}
    numbers = await orders.numbers_of(uow.session, account.customer_id)
    numbers |= await fulfilment.numbers_delivered(uow.session, account.customer_id)
    keys = [(account.customer_id, number) for number in sorted(numbers)]
    settled = await fulfilment.settle_orders(uow, accounts, keys, note="repaired")
    sums = await exposure_checks.documents_sum(uow.session, account.customer_id)
    after = replace(
        account,
        exposure=Exposure(**{name: Decimal(sums[name]) for name in _PARTS}),
        oldest_due_date=sums["oldest_due_date"],
        unconverted=int(sums["unconverted"]),
    )
    changed = _changed(account, after)
    if changed:
        await credit_accounts.save_exposures(uow, [after])
    return changed, [*map(_of_order, settled.orders), *map(_of_delivery, settled.deliveries)]


def _of_order(change: tuple[Order, Order]) -> Difference:
    old, new = (
        f"open {Money(one.open_amount, one.currency)}, delivered {Money(one.delivered_amount, one.currency)}"
        for one in change
    )
    return Difference(change[0].customer_id, "open_orders", change[0].order_id, old, new, FOLLOWS)


def _of_delivery(change: tuple[Delivery, Delivery]) -> Difference:
    old, new = (f"not invoiced {Money(one.open_amount, one.currency)}" for one in change)
    return Difference(
        change[0].customer_id, "delivered", f"{change[0].order_id}/{change[0].delivery_id}", old, new, FOLLOWS
    )


def _changed(old: Account, new: Account) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(old.exposure, name), getattr(new.exposure, name)) for name in _PARTS}
    pairs |= {name: (getattr(old, name), getattr(new, name)) for name in ("oldest_due_date", "unconverted")}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


async def _journal(uow: UnitOfWork, customer_id: str, repaired: Repaired, by: str) -> None:
    old = {one.document: one.ours for one in repaired.documents if one.document}
    new = {one.document: one.theirs for one in repaired.documents if one.document}
    for name, (was, is_) in repaired.columns.items():
        old[name], new[name] = told(was, repaired.currency), told(is_, repaired.currency)
    await journal.record(uow, Entry(customer_id, "exposure.repaired", by, customer_id, old, new))


def told(value: Any, currency: str) -> str | None:
    """Return a column's value as it is told."""
    if isinstance(value, Decimal):
        return str(Money(value, currency).amount)
    return None if value is None else str(value)
