"""Queries and locks of customers."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, Text, bindparam, case, cast, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.customers.domain.search import Wanted
from credit_service.customers.tables import CustomerRow

_NAMES = text("select customer_id, name, credit_analyst from customers where customer_id = any(:ids)")
_OF_ANALYST = text("select customer_id from customers where credit_analyst = :analyst")
_LOCK_HIERARCHY = text("select pg_advisory_xact_lock(hashtextextended('customers.hierarchy', 0))")
_IS_ABOVE = text(
    "with recursive above(customer_id) as ("
    "select cast(:below as varchar) union "
    "select c.parent_id from customers c join above a on c.customer_id = a.customer_id where c.parent_id is not null"
    ") select exists (select from above where customer_id = :above)"
)
_GROUP = text(
    "with recursive above(customer_id, parent_id) as ("
    "select customer_id, parent_id from customers where customer_id = :customer_id union "
    "select c.customer_id, c.parent_id from customers c join above a on c.customer_id = a.parent_id"
    "), members(customer_id) as ("
    "select customer_id from above where parent_id is null union "
    "select c.customer_id from customers c join members m on c.parent_id = m.customer_id"
    ") select customer_id from members"
).columns(CustomerRow.__table__.c.customer_id)  # type: ignore[attr-defined]
_COUNTRIES = text("select customer_id, country from customers where customer_id = any(:ids)")
_search_text: ColumnElement[str] = CustomerRow.search_text  # type: ignore[assignment]
_number: ColumnElement[str] = CustomerRow.customer_id  # type: ignore[assignment]


async def find(session: AsyncSession, customer_id: str) -> CustomerRow | None:
    """Return a customer."""
    return await session.get(CustomerRow, customer_id)


async def names_and_analysts(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """Return the name and the credit analyst of each customer."""
    return {row[0]: (row[1], row[2]) for row in await session.execute(_NAMES, {"ids": list(customer_ids)})}


async def customers_of(session: AsyncSession, credit_analyst: str) -> list[str]:
    """Return the numbers of an analyst's customers."""
    return list((await session.execute(_OF_ANALYST, {"analyst": credit_analyst})).scalars())


async def find_for_update(session: AsyncSession, customer_id: str) -> CustomerRow | None:
    """Return a customer and lock it to the end of the transaction."""
    return await session.get(CustomerRow, customer_id, with_for_update=True)


async def countries(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, str]:
    """Return the country of each of these customers."""
    return {row[0]: row[1] for row in await session.execute(_COUNTRIES, {"ids": list(customer_ids)})}


async def lock_hierarchy(session: AsyncSession) -> None:
    """Wait for whoever moves a customer to another parent at this moment."""
    await session.execute(_LOCK_HIERARCHY)


async def is_above(session: AsyncSession, *, above: str, below: str) -> bool:
    """Tell whether `above` is `below` or a parent of it at any height."""
    return bool(await session.scalar(_IS_ABOVE, {"above": above, "below": below}))


def group(customer_id: str) -> Select[Any]:
    """Return the statement that lists a customer's whole group: the topmost parent and all below it."""
    members = _GROUP.bindparams(customer_id=customer_id).subquery()
    return select(CustomerRow).where(_number.in_(select(members.c.customer_id)))


async def settled(
    session: AsyncSession, wanted: Wanted, numbers: Select[Any] | None = None, **equal: str | None
) -> Wanted:
    """Return what to search for after a look at how many of the customers asked about contain it.

    It also says how alike a name must be. The index reads that setting, so this comes first, in the same transaction.
    """
    setting = select(func.set_config("pg_trgm.word_similarity_threshold", str(wanted.similarity_min), True))
    await session.execute(setting)
    exact = replace(wanted, alike=False)
    containing = matching(exact, numbers, **equal).with_only_columns(_number).limit(wanted.enough).subquery()
    found = await session.scalar(select(func.count()).select_from(containing)) or 0
    return replace(wanted, alike=bool(wanted.words) and found < wanted.enough)


def matching(wanted: Wanted | None, numbers: Select[Any] | None, **equal: str | None) -> Select[Any]:
    """Return the statement that finds customers, of `numbers` where given and with `equal` columns where not None.

    What is wanted has been settled before.
    """
    statement = select(CustomerRow)
    if numbers is not None:
        statement = statement.where(_number.in_(numbers))
    for column, value in equal.items():
        if value is not None:
            statement = statement.where(getattr(CustomerRow, column) == value)
    if wanted is not None:
        found = [_number == wanted.number, _contains(wanted)]
        if wanted.alike:
            found.append(cast(wanted.words, Text).op("<%", is_comparison=True)(_search_text))
        statement = statement.where(or_(*found))
    return statement


def distance(wanted: Wanted) -> ColumnElement[Any]:
    """Return how far a customer is from what is wanted, to sort by: its number, then what contains it, then what is alike.

    Among these counts how much of what is wanted is in the closest line, and how much of that line it is.
    """
    words = cast(bindparam("words", wanted.words, unique=True), Text)
    line = func.unnest(func.string_to_array(_search_text, "\n")).column_valued("line")
    likeness = func.max(func.strict_word_similarity(words, line) + func.similarity(words, line))
    closest = select(likeness).correlate(CustomerRow).scalar_subquery()
    rank = case((_number == wanted.number, 0), (_contains(wanted), 1), else_=2)
    return func.round(cast(rank + 1 - closest / 2, Numeric), 4)


def _contains(wanted: Wanted) -> ColumnElement[bool]:
    return or_(False, *(_search_text.contains(needle, autoescape=True) for needle in wanted.needles))
