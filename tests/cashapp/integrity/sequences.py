"""Random sequences of steps, many customers side by side, each step compared with the books and every law proved.

The one thing to know: a cohort of customers goes through its steps in rounds, on several sessions at once. In each round
those steps are done first that the books refuse, and no table may have a row more or less after them; then the others, and
every item and every receipt must be as the books say, in its row, its postings and its events.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import permutations
from random import Random
from typing import Any

import asyncpg
import msgspec

from cashapp_service.applications.domain.decision import Recorder
from cashapp_service.applications.use_cases import policy_of
from cashapp_service.customers import use_cases as customers
from cashapp_service.documents.use_cases import PostedDocument, post_documents
from cashapp_service.integrity.use_cases import check_integrity
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.settings import CashappSettings
from shared.errors import OpenItemError
from shared.events.credit import CustomerState
from shared.unit_of_work import Units
from tests.cashapp.integrity.books import Refused
from tests.cashapp.integrity.decided_books import DecidedBooks
from tests.cashapp.integrity.decided_steps import Close
from tests.cashapp.integrity.deeds import draw, rival
from tests.cashapp.integrity.snapshots import Snapshots
from tests.cashapp.integrity.steps import Desk, Post, Receive, Step, nobody

SESSIONS = 6
HALVES = 2
ROUNDS = 50
AT_ONCE_SHARE = 0.08
SUMS = {"enable_nestloop": "off"}
"""For what is asked of all data: planned while the tables are empty, it would join row by row, ever slower as they fill."""
CURRENCIES = ("EUR", "EUR", "EUR", "JPY", "KWD")


class Cohort:
    """Some customers, each with its own company code, currency, books and chance."""

    def __init__(
        self,
        units: Units,
        auditor: Units,
        snapshots: Snapshots,
        settings: CashappSettings,
        *,
        seed: int,
        size: int,
    ) -> None:
        self._units = units
        self._auditor = auditor
        self._snapshots = snapshots
        self._seed = seed
        self._sessions = asyncio.Semaphore(SESSIONS)
        recorder = Recorder("anna", policy_of(settings))
        self.desks = [self._desk(units, recorder, number) for number in range(size)]
        self.refused: Counter[str] = Counter()
        self.steps = 0
        self.round = 0
        self._story: dict[str, list[tuple[Step, ...]]] = {}
        self._strangers_items: set[str] = set()
        self._counted: dict[str, int] = {}
        self._at_first: dict[str, int] = {}

    def _desk(self, units: Units, recorder: Recorder, number: int) -> Desk:
        chance = Random(f"{self._seed}/{number}")
        return Desk(units, recorder, f"C-{number}", f"K{number}", chance.choice(CURRENCIES), chance)

    # One cohort

    async def live(self) -> None:
        """Go through all rounds; raise `AssertionError` with the seed and the story of whoever's books differ."""
        await self.begin()
        for self.round in range(1, ROUNDS + 1):
            await self._round()
            await self.prove()
        await self.compare_journals()
        await self.hear_all_events()

    async def begin(self) -> None:
        """Count what is there at first: what is what is a stranger's, so that others can try to pay it."""
        stranger = Post("a stranger's", "invoice", 100_00, date(2026, 3, 1), None)
        async with self._units.begin() as uow:
            for number in range(len(self.desks) + 1):
                await customers.apply_state(uow, _customer(f"C-{number}"), 1)
        somebody = Desk(self._units, self.desks[0].recorder, f"C-{len(self.desks)}", "K-STRANGER", "EUR", Random(0))
        async with self._units.begin() as uow:
            await stranger.do(somebody, uow)
        for desk in self.desks:
            desk.ids["a stranger's"] = somebody.ids["a stranger's"]
        self._strangers_items = set(await self._snapshots.items())
        self._counted = self._at_first = await self._snapshots.counts()

    async def _round(self) -> None:
        forbidden: list[tuple[Desk, Step, Refused]] = []
        allowed: list[tuple[Desk, Step]] = []
        at_once: list[tuple[Desk, list[Step]]] = []
        for desk in self.desks:
            step = draw(desk)
            if desk.chance.random() < AT_ONCE_SHARE:
                other = draw(desk) if desk.chance.random() < 0.4 else rival(desk, step)
                at_once.append((desk, [step, other, *([draw(desk)] if desk.chance.random() < 0.2 else [])]))
                continue
            self._tell(desk, step)
            desk.books, refusal = expected(desk.books, step)
            if refusal is None:
                allowed.append((desk, step))
            else:
                forbidden.append((desk, step, refusal))
        await _all(self._be_refused(*one) for one in forbidden)
        assert await self._snapshots.counts() == self._counted, self._account(f"one left a trace: {forbidden}", None)
        await _all([self._post(allowed), self._receive(allowed)])
        alone = [one for one in allowed if not isinstance(one[1], Post | Receive)]
        await _all([*(self._be_done(*one) for one in alone), *(self._be_done_at_once(*one) for one in at_once)])
        await self.compare()

    # Steps

    async def _attempt(self, desk: Desk, step: Step) -> str | None:
        """Do a step in a transaction of its own; return why it was refused."""
        async with self._sessions:
            self.steps += 1
            try:
                async with self._units.begin() as uow:
                    await step.do(desk, uow)
            except OpenItemError as refusal:
                self.refused[refusal.code] += 1
                return refusal.code
            except Exception as fault:
                raise AssertionError(self._account(f"{step} failed: {fault!r}", desk)) from fault
        return None

    async def _be_refused(self, desk: Desk, step: Step, refusal: Refused) -> None:
        code = await self._attempt(desk, step)
        assert code in refusal.codes, self._account(
            f"{step} should be refused as {refusal}, was {code or 'done'}", desk
        )

    async def _be_done(self, desk: Desk, step: Step) -> None:
        code = await self._attempt(desk, step)
        assert code is None, self._account(f"{step} was refused as {code}", desk)

    async def _be_done_at_once(self, desk: Desk, steps: Sequence[Step]) -> None:
        """Do steps of one customer at the same time: some order of them explains what came of it."""
        self._tell(desk, *steps)
        codes = await asyncio.gather(*(self._attempt(desk, step) for step in steps))
        orders = permutations(list(zip(steps, codes, strict=True)))
        desk.possible = [books for order in orders if (books := _explained(desk.books, order)) is not None]
        assert desk.possible, self._account(f"no order explains {list(zip(steps, codes, strict=True))}", desk)

    async def _post(self, allowed: Iterable[tuple[Desk, Step]]) -> None:
        """Post the documents of all customers as one batch."""
        posts = [(desk, step) for desk, step in allowed if isinstance(step, Post)]
        async with self._sessions, self._units.begin() as uow:
            found = await post_documents(uow, [step.document(desk) for desk, step in posts], nobody)
        for (desk, step), one in zip(posts, found, strict=True):
            assert isinstance(one, PostedDocument), self._account(f"{step} was refused: {one!r}", desk)
            step.note(desk, one.item_ids)
        self.steps += len(posts)

    async def _receive(self, allowed: Iterable[tuple[Desk, Step]]) -> None:
        """Take the money of all customers in together, as from one bank file."""
        new = [step.receipt(desk) for desk, step in allowed if isinstance(step, Receive)]
        async with self._sessions, self._units.begin() as uow:
            _, entries = await receipts.receive(uow, new, source="bank", matches={})
            await ledger.post(uow, entries)
        self.steps += len(new)

    # Comparing

    async def compare(self) -> None:
        """See that every item and receipt, and the number of rows, are as the books say."""
        await self.learn_recharges()
        items, monies = await self._snapshots.items(), await self._snapshots.receipts()
        decisions = await self._snapshots.decisions()
        stored = {**items, **monies, **decisions}
        for desk in self.desks:
            desk.books = next(filter(lambda books: _agrees(desk, books, stored), desk.possible), desk.books)
            desk.possible = []
        expected_items = {key: one for desk in self.desks for key, one in desk.books.items_seen(desk.ids).items()}
        expected_monies = {key: one for desk in self.desks for key, one in desk.books.receipts_seen(desk.ids).items()}
        self._same({key: one for key, one in items.items() if key not in self._strangers_items}, expected_items)
        self._same(monies, expected_monies)
        self._same(
            decisions, {key: one for desk in self.desks for key, one in desk.books.decisions_seen(desk.ids).items()}
        )
        counted = await self._snapshots.counts()
        rows = sum((desk.books.rows for desk in self.desks), Counter[str]())
        self._same({name: counted[name] - self._at_first[name] for name in rows}, rows)
        self._counted = counted

    async def learn_recharges(self) -> None:
        """Learn the ids of the debit memos that stand for refunded money which the bank took back."""
        for refund_id, receipt_id, item_id in await self._snapshots.recharged():
            for desk in self.desks:
                keys = {known: key for key, known in desk.ids.items()}
                if refund_id in keys:
                    desk.ids[f"{keys[refund_id]}/recharge/{keys[receipt_id]}"] = item_id

    def _same(self, found: Any, expected: Any) -> None:
        if found == expected:
            return
        for key in found.keys() | expected.keys():
            if found.get(key) != expected.get(key):
                whose = next((desk for desk in self.desks if key in desk.ids.values()), None)
                raise AssertionError(self._account(f"{key}: {found.get(key)}, in the books {expected.get(key)}", whose))

    async def prove(self) -> None:
        """See that every law of the books holds, as the service itself proves it."""
        broken = [one for one in await check_integrity(self._auditor) if one.violations]
        whose = (desk for desk in self.desks if any(one in str(broken) for one in desk.ids.values()))
        assert not broken, self._account(str(broken), next(whose, None))

    async def compare_journals(self) -> None:
        """See that every posting is in its account on its day: so every balance of every past day is right."""
        expected: Counter[tuple[object, ...]] = Counter()
        for desk in self.desks:
            expected.update(desk.books.journal_seen(desk.company_code, desk.ids))
        found = await self._snapshots.journal()
        self._same(
            {key: amount for key, amount in found.items() if key[0] != "K-STRANGER"},
            {key: amount for key, amount in expected.items() if amount},
        )

    async def hear_all_events(self) -> None:
        """See that whoever hears all events knows every balance, version by version."""
        heard: dict[str, dict[str, Any]] = {}
        for subject, body in await self._snapshots.events():
            told = msgspec.json.decode(body)["data"]
            before = heard.get(subject, {"version": 0})
            # A decision is told only once it is posted; what waits has versions that nobody hears of.
            gap = 1 if "posting" in told else told["version"] - before["version"]
            assert told["version"] == before["version"] + gap > before["version"], self._account(f"{told}", None)
            if "item" in told and "posting" in told:
                balance = Decimal(before["item"]["balance"]) if "item" in before else Decimal(0)
                assert Decimal(told["item"]["balance"]) == balance + Decimal(told["posting"]["amount"]), told
            heard[subject] = told
        for desk in self.desks:
            for key, paper in desk.books.items.items():
                told = Decimal(heard[desk.ids[key]]["item"]["balance"])
                assert told == desk.amount(paper.balance), self._account(f"{key} is told as {told}", desk)
            for key, money in desk.books.receipts.items():
                told = Decimal(heard[desk.ids[key]]["receipt"]["unapplied"])
                assert told == desk.amount(money.held["unapplied_cash"]), self._account(
                    f"{key} is told as {told}", desk
                )

    # Telling

    def _tell(self, desk: Desk, *steps: Step) -> None:
        self._story.setdefault(desk.customer_id, []).append(steps)

    def _account(self, fault: str, desk: Desk | None) -> str:
        """Return what is wrong, how to see it again, and what was done to the customer, or last to all where none is known."""
        again = f"OPENITEM_SEED={self._seed} OPENITEM_SEQUENCES={HALVES * len(self.desks)} make laws"
        if desk is None:
            whose, told = "the last step of each", {one: steps[-1:] for one, steps in self._story.items()}
        else:
            whose, told = f"all steps of {desk.customer_id}", {"": self._story.get(desk.customer_id, [])}
        lines = [f"  {one} {' beside '.join(map(str, steps))}" for one, story in told.items() for steps in story]
        return "\n".join([f"{fault}\nafter step {self.round}; again: {again}\n{whose}:", *lines])


def _customer(customer_id: str) -> CustomerState:
    return CustomerState(
        customer_id=customer_id, name=f"Kunde {customer_id}", country="DE", currency="EUR", payment_terms="net 30"
    )


def expected(books: DecidedBooks, step: Step) -> tuple[DecidedBooks, Refused | None]:
    """Do a step in the books and return them; where it may not be, return them as they were, and why it may not."""
    # That a day lies in a closed period shows only when a deed is half done.
    before = books.copy() if books.frozen_before > date.min else books
    try:
        step.expect(books)
    except Refused as refusal:
        return before, refusal
    return books, None


def _explained(before: DecidedBooks, order: Sequence[tuple[Step, str | None]]) -> DecidedBooks | None:
    """Return the books after the steps in this order, None where that would not have had these outcomes."""
    books = before.copy()
    for step, code in order:
        if code == "period_closed" and any(isinstance(one, Close) for one, _ in order):
            # The day that was chosen for it lay in a period that was closed before it was posted: asked again, it is done.
            continue
        books, refusal = expected(books, step)
        if code not in (refusal.codes if refusal else {None}):
            return None
    return books


def _agrees(desk: Desk, books: DecidedBooks, stored: Mapping[str, Any]) -> bool:
    """Tell whether what is stored of items, receipts and decisions is as these books say."""
    seen = {**books.items_seen(desk.ids), **books.receipts_seen(desk.ids), **books.decisions_seen(desk.ids)}
    return all(stored.get(key) == one for key, one in seen.items())


async def _all(deeds: Iterable[Awaitable[None]]) -> None:
    """Await all of them, also where one fails, and raise the first failure then."""
    for outcome in await asyncio.gather(*deeds, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def live_through(url: str, *, seed: int, sequences: int, size: int) -> Counter[str]:
    """Live through so many sequences on an empty database, a cohort at a time; return how often what was refused."""
    settings = CashappSettings(profile="local", database_url=url)
    units = Units.connect(url, source="cashapp-service", pool_size=SESSIONS, pre_ping=False)
    auditor = Units.connect(url, source="auditor", pool_size=1, pre_ping=False, server_settings=SUMS)
    connection = await asyncpg.connect(url, server_settings=SUMS)
    gc.freeze()  # what was imported is not looked through again and again
    seen: Counter[str] = Counter()
    try:
        snapshots = await Snapshots.of(connection)
        for begun in range(0, sequences, size):
            await snapshots.empty()
            some = min(size, sequences - begun)
            cohort = Cohort(units, auditor, snapshots, settings, seed=seed + begun // size, size=some)
            await cohort.live()
            seen.update(cohort.refused, steps=cohort.steps)
    finally:
        await connection.close()
        await auditor.close()
        await units.close()
    return seen
