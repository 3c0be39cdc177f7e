"""Queries of the customers' projection. One upsert lets only a newer version through, and locks its row for its names."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers.domain import Customer, CustomerName, Debtor
from cashapp_service.customers.tables import CustomerNameRow, CustomerRow, to_customer
from cashapp_service.matching.domain.names import NameSearch, marks_of
from shared.database import DriverStatement

_NAMES = CustomerNameRow.metadata.tables["customer_names"]
_TABLE = CustomerRow.metadata.tables["customers"]
# Hundreds are asked for: not as rows of the session, which cost several times as much.
_KNOWN = select(_TABLE).where(_TABLE.c.customer_id == any_(bindparam("wanted", type_=ARRAY(Text))))


_DEBTORS = DriverStatement(
    "select customer_id, payment_terms, country from customers where customer_id = any(cast(:wanted as text[]))"
)


async def find_debtors(session: AsyncSession, customer_ids: Collection[str]) -> dict[str, Debtor]:
    """Return of those of `customer_ids` that are known, by number, what documents take from them."""
    rows = await _DEBTORS.run(session, {"wanted": list(customer_ids)})
    return {customer_id: Debtor(payment_terms, country) for customer_id, payment_terms, country in rows}


async def find_many(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Customer]:
    """Return those of `customer_ids` that are known, by number."""
    rows = await session.execute(_KNOWN, {"wanted": list(set(customer_ids))})
    return {row.customer_id: to_customer(row) for row in rows}


# `union` ends the walk where a group would contain itself.
_BELOW = text(
    """
    with recursive upward (customer_id, ancestor) as (
        select customer_id, parent_id from customers where customer_id = any(:wanted) and parent_id is not null
        union
        select u.customer_id, c.parent_id from upward u join customers c on c.customer_id = u.ancestor
        where c.parent_id is not null
    )
    select distinct customer_id from upward where ancestor = :ancestor
    """
)


async def below(session: AsyncSession, customer_ids: Iterable[str], *, ancestor: str) -> set[str]:
    """Return those of `customer_ids` that stand below `ancestor` in their group, at any depth."""
    found = await session.scalars(_BELOW, {"wanted": list(set(customer_ids)), "ancestor": ancestor})
    return set(found)


_GROUPS = text(
    """
    with recursive downward (parent_id, customer_id) as (
        select parent_id, customer_id from customers where parent_id = any(:heads)
        union
        select c.parent_id, c.customer_id from downward d join customers c on c.parent_id = d.customer_id
    )
    select parent_id, customer_id from downward
    """
)


async def groups_below(session: AsyncSession, heads: Iterable[str]) -> list[tuple[str, str]]:
    """Return each customer that stands below `heads` in their groups, at any depth, behind the one right above it."""
    found = await session.execute(_GROUPS, {"heads": list(set(heads))})
    return [(parent_id, customer_id) for parent_id, customer_id in found]


# `offset 0`: first all that the index has, then their order; else the planner may walk all customers in that order.
_OF_ACCOUNTS = text(
    """
    select i.customer_id from unnest(cast(:accounts as text[])) wanted (account)
    cross join lateral (
        select customer_id from (
            select customer_id from customers where bank_account_fingerprints @> to_jsonb(wanted.account) offset 0) known
        order by customer_id limit :most) i
    """
)


async def of_accounts(session: AsyncSession, accounts: Iterable[str], *, most: int) -> set[str]:
    """Return the customers that have an account with one of these fingerprints, at most so many for each."""
    return set(await session.scalars(_OF_ACCOUNTS, {"accounts": list(accounts), "most": most}))


_NUMBERED = text(
    """
    select customer_id from (
        select customer_id from customers where number_keys && cast(:keys as text[]) offset 0) known
    order by customer_id limit :most
    """
)


async def numbered(session: AsyncSession, keys: Iterable[str], *, most: int) -> set[str]:
    """Return the customers whose number may be written as one of `keys`, at most so many."""
    return set(await session.scalars(_NUMBERED, {"keys": list(keys), "most": most}))


_NAMED = """
    select i.customer_id, i.name, i.learned from unnest({wanted}) wanted ({marks})
    cross join lateral (
        select customer_id, name, learned from customer_names
        where (learned or not :only_learned) and {fits} order by {mark}, customer_id limit :most) i
"""
_TEXTS = "cast(:{} as text[])"
_SPELLED = text(
    _NAMED.format(wanted=_TEXTS.format("marks"), marks="mark", mark="spelled", fits="spelled = wanted.mark")
)
_BEGINNING = text(
    _NAMED.format(
        wanted=_TEXTS.format("marks"),
        marks="mark",
        mark="spelled",
        fits="spelled >= wanted.mark and spelled < wanted.mark || chr(1114111)",
    )
)
_PAIRED = text(
    _NAMED.format(
        wanted=f"{_TEXTS.format('marks')}, {_TEXTS.format('words')}",
        marks="mark, words",
        mark="pair",
        fits="pair = wanted.mark and words <@ string_to_array(wanted.words, ' ')",
    )
)


async def named_like(
    session: AsyncSession, searches: Iterable[NameSearch], *, only_learned: bool, most: int
) -> list[CustomerName]:
    """Return the names that payers' names may be, and some others; of each mark at most so many."""
    wanted = list(searches)
    lookups = (
        (_SPELLED, {"marks": list({mark for one in wanted for mark in one.spelled})}),
        (_BEGINNING, {"marks": list({one.beginning for one in wanted if one.beginning})}),
        (
            _PAIRED,
            {
                "marks": [pair for one in wanted for pair in one.pairs],
                "words": [" ".join(one.words) for one in wanted for _ in one.pairs],
            },
        ),
    )
    found: dict[CustomerName, None] = {}
    for statement, marks in lookups:
        if marks["marks"]:
            rows = await session.execute(statement, {**marks, "only_learned": only_learned, "most": most})
            found |= dict.fromkeys(CustomerName(row.customer_id, row.name, row.learned) for row in rows)
    return list(found)


async def upsert_newer(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows whose version is newer than the one that is there, each with its names."""
    statement = insert(_TABLE)
    changed = {column.name: statement.excluded[column.name] for column in _TABLE.c if column.name != "customer_id"}
    newer = statement.on_conflict_do_update(
        index_elements=["customer_id"], set_=changed, where=_TABLE.c.version < statement.excluded.version
    )
    written = set(await session.scalars(newer.returning(_TABLE.c.customer_id), list(rows)))
    if not written:
        return
    await session.execute(delete(_NAMES).where(_NAMES.c.customer_id.in_(written), ~_NAMES.c.learned))
    names = [
        {"customer_id": row["customer_id"], "learned": False, "name": name}
        for row in rows
        if row["customer_id"] in written
        for name in dict.fromkeys(row["names"])
    ]
    await insert_names(session, names)


async def insert_names(session: AsyncSession, names: Iterable[dict[str, Any]]) -> None:
    """Keep names with the marks by which they are found; those that are there, or have no letter or digit, are left."""
    rows = [one | asdict(marks) for one in names if (marks := marks_of(one["name"]))]
    if rows:
        await session.execute(insert(_NAMES).on_conflict_do_nothing(), rows)
