"""The journal in the database: entries of many writers follow one another, and none can be changed."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry, Head
from credit_service.journal.jobs import prove_journals
from shared.job_runner import JobRunner
from shared.jobs import Job, enqueue, find
from shared.unit_of_work import Units


async def record(units: Units, actor: str = "analyst", customer_id: str = "C-1") -> Head:
    async with units.begin() as uow:
        new = {"limit": Decimal("10.5000"), "until": date(2026, 3, 2), "name": "Zażółć 株式会社 \U0001f600 \"'\\"}
        sealed = await journal.record(uow, Entry(customer_id, "limit.changed", actor, new=new))
    return Head(sealed.position, sealed.seal)


async def fault(units: Units, noted: Head | None = None) -> tuple[int | None, str | None]:
    async with units.read() as session:
        verdict = await journal.proved(session, "C-1", noted=noted)
    return verdict.first_broken, verdict.fault


async def tamper(units: Units, *statements: str) -> None:
    """Change the database as somebody does who has all of it."""
    async with units.engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement))


async def test_many_writers_at_once_leave_one_journal_without_a_gap(units: Units) -> None:
    heads = await asyncio.gather(*(record(units, f"analyst {n}") for n in range(20)))

    assert sorted(head.position for head in heads) == list(range(1, 21))
    assert await fault(units) == (None, None)


async def test_several_entries_of_one_transaction_follow_one_another(units: Units) -> None:
    async with units.begin() as uow:
        for kind in ("a", "b", "c"):
            await journal.record(uow, Entry("C-1", kind, "analyst"))

    assert await fault(units) == (None, None)


async def test_what_was_rolled_back_leaves_no_gap(units: Units) -> None:
    await record(units)

    async def fail() -> None:
        async with units.begin() as uow:
            await journal.record(uow, Entry("C-1", "never", "analyst"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await record(units)

    assert await fault(units) == (None, None)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["update journal_entries set actor = 'nobody' where position = 2"], (2, "altered")),
        (["update journal_entries set new = '{}' where position = 3"], (3, "altered")),
        (["delete from journal_entries where position = 1"], (1, "altered")),
        (["delete from journal_entries where position = 4"], (4, "missing")),
        (["delete from journal_entries"], (1, "missing")),
        (["delete from journal_heads"], (1, "unaccounted")),
        (["update journal_heads set seal = repeat('0', 64)"], (4, "altered")),
        (["update journal_entries set position = 9 where position = 3"], (3, "altered")),
    ],
)
async def test_tampering_is_named_with_its_place(
    units: Units, statements: list[str], expected: tuple[int, str]
) -> None:
    for _ in range(4):
        await record(units)

    await tamper(units, *statements)

    assert await fault(units) == expected


async def test_a_journal_cut_with_its_head_is_told_by_the_seal_noted_elsewhere(units: Units) -> None:
    first, noted = await record(units), await record(units)
    cut = f"update journal_heads set position = {first.position}, seal = '{first.seal}'"

    await tamper(units, "delete from journal_entries where position = 2", cut)

    assert await fault(units) == (None, None)
    assert await fault(units, noted) == (2, "missing")


REFUSED = [
    "update journal_entries set actor = 'nobody'",
    "delete from journal_entries",
    "truncate journal_entries",
    "update journal_heads set position = 0",
    "update journal_heads set position = position + 2",
    "delete from journal_heads",
    "truncate journal_heads",
]


async def test_the_database_refuses_to_change_a_journal(units: Units) -> None:
    await record(units)

    for statement in REFUSED:
        with pytest.raises(DBAPIError, match=r"append-only|only grows"):
            async with units.engine.begin() as connection:
                await connection.execute(text(statement))

    assert await fault(units) == (None, None)


async def test_a_proof_is_of_one_moment_while_others_write(units: Units) -> None:
    await record(units)

    async def prove() -> set[tuple[int | None, str | None]]:
        return {await fault(units) for _ in range(20)}

    async def write() -> None:
        for _ in range(20):
            await record(units)

    found, *_ = await asyncio.gather(prove(), write(), write())

    assert found == {(None, None)}


async def proof_of_all(units: Units) -> Job:
    """Queue a proof of all journals and run it as a worker does."""
    async with units.begin() as uow:
        job = await enqueue(uow, prefix="crj", kind=journal.PROVE_JOURNALS, requested_by="auditor", params={})
    assert await JobRunner(units, {journal.PROVE_JOURNALS: prove_journals}).run_next()
    async with units.read() as session:
        return await find(session, job.id)


async def test_all_journals_are_proved_and_those_that_are_broken_are_named(units: Units) -> None:
    for number in range(1, 6):
        await record(units, customer_id=f"C-{number}")
        await record(units, customer_id=f"C-{number}")
    intact = await proof_of_all(units)

    await tamper(
        units,
        "update journal_entries set actor = 'nobody' where customer_id = 'C-2' and position = 1",
        "delete from journal_entries where customer_id = 'C-3'",
        "delete from journal_heads where customer_id = 'C-5'",
    )
    broken = await proof_of_all(units)

    assert intact.result == {"journals": 5, "entries": 10, "broken": 0, "intact": True}
    assert broken.result == {"journals": 5, "entries": 8, "broken": 3, "intact": False}
    assert broken.errors == [
        {"customer_id": "C-2", "first_broken": 1, "fault": "altered"},
        {"customer_id": "C-3", "first_broken": 1, "fault": "missing"},
        {"customer_id": "C-5", "first_broken": 1, "fault": "unaccounted"},
    ]


async def test_without_journals_all_are_intact(units: Units) -> None:
    assert (await proof_of_all(units)).result == {"journals": 0, "entries": 0, "broken": 0, "intact": True}
