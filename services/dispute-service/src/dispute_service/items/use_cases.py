"""What can be done with the image of an item."""

from collections.abc import Collection

from pydantic import ValidationError

from dispute_service.items import repository
from dispute_service.items.domain import Item
from dispute_service.items.schemas import ItemAnswer
from shared.errors import UnavailableError
from shared.events.cashapp import ItemState
from shared.http.client import ServiceClient
from shared.money import Money
from shared.security import Principal
from shared.unit_of_work import UnitOfWork


def item_of_state(state: ItemState, version: int) -> Item:
    """Return the item that an event shows."""
    return Item(state.item_id, state.number, state.customer_id, Money(state.balance, state.currency), version)


async def take_items(uow: UnitOfWork, items: Collection[Item]) -> set[str]:
    """Lock items and keep these states of them where they are newer; return the ids of those that were."""
    newest: dict[str, Item] = {}
    for item in items:
        if item.item_id not in newest or item.version > newest[item.item_id].version:
            newest[item.item_id] = item
    await repository.lock(uow.session, newest)
    return await repository.upsert(uow.session, newest.values())


async def lock_item(uow: UnitOfWork, item_id: str) -> None:
    """Lock an item to the end of the transaction, waiting for whoever has it."""
    await repository.lock(uow.session, [item_id])


async def try_lock_items(uow: UnitOfWork, item_ids: Collection[str]) -> bool:
    """Lock these items to the end of the transaction; False where another has one of them."""
    return await repository.try_lock(uow.session, item_ids)


async def known_items(uow: UnitOfWork, item_ids: Collection[str]) -> dict[str, Item]:
    """Return those of the items that are known here, by id."""
    return await repository.find_many(uow.session, item_ids)


async def ask_for_items(
    uow: UnitOfWork, item_ids: Collection[str], *, cashapp: ServiceClient, caller: Principal
) -> list[Item]:
    """Return the items that are not known here yet but that cashapp-service has, asked on behalf of the caller.

    Raises `UnavailableError` where cashapp-service cannot answer.
    """
    known = await repository.find_many(uow.session, item_ids)
    answers = [await cashapp.get(f"/v1/items/{item_id}", caller=caller) for item_id in item_ids if item_id not in known]
    return [_item_of_answer(answer) for answer in answers if answer is not None]


async def keep_items(uow: UnitOfWork, items: Collection[Item]) -> None:
    """Keep states that were asked for; the caller has locked the items."""
    await repository.upsert(uow.session, items)


def _item_of_answer(answer: object) -> Item:
    try:
        item = ItemAnswer.model_validate(answer)
    except ValidationError as error:
        raise UnavailableError("cashapp-service answered for an item in a form that is not understood.") from error
    return Item(item.id, item.number, item.customer_id, Money(item.balance, item.currency), item.version)
