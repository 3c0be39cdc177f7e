"""The desk where all checks of a process arrive: those that wait at the same time are decided together.

The one thing to know: a transaction that decides many accounts takes only those that are free; for one that is locked it
comes again and waits with nothing else in hand, so it is never part of a deadlock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, TypeVar

import structlog

from credit_service.check_rounds.domain import (
    AccountBusy,
    CheckAnswer,
    CheckAsk,
    CheckUnavailableError,
    Outcome,
    PoliciesRead,
)
from credit_service.check_rounds.use_cases import check_orders
from shared.answers import KeyedRequest, StoredAnswer
from shared.database import is_contended, is_unreachable
from shared.days import Clock
from shared.gathering import Gatherer
from shared.http.idempotency import claim_many, store_many
from shared.lanes import Lanes
from shared.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

T = TypeVar("T")


class CheckDesk:
    """Where all checks of a process arrive: those that wait at the same time are decided together."""

    BATCH_MAX = 24
    BATCH_LEAST = 12
    """A batch begins beside others when so many wait: with more, the process idles while all of them are in the database."""
    AT_ONCE = 4
    BEHIND_MAX = 256
    WAITING_MAX = 2
    ATTEMPTS_MAX = 5
    SERVER_SETTINGS: ClassVar[Mapping[str, str]] = {
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "plan_cache_mode": "force_generic_plan",
    }
    """Every row is found by its key. A plan made while a table was empty would read the whole of it, each time more, until
    PostgreSQL gathers statistics a minute later. The plan is the same for all values, so it is made once."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._policies = PoliciesRead()
        self._gatherer: Gatherer[CheckAsk, CheckAnswer] = Gatherer(
            self._decide,
            most=self.BATCH_MAX,
            at_once=self.AT_ONCE,
            least=self.BATCH_LEAST,
            key=lambda ask: ask.customer_id,
        )
        self._behind: Gatherer[CheckAsk, CheckAnswer] = Gatherer(self._decide_waiting, most=self.BEHIND_MAX)

    @property
    def clock(self) -> Clock:
        """What tells the business day of a check that names none."""
        return self._lanes.clock

    async def check(self, ask: CheckAsk) -> CheckAnswer:
        """Check one order together with whatever else waits; raise its refusal, or `CheckUnavailableError`."""
        try:
            try:
                return await self._gatherer.submit(ask)
            except AccountBusy:
                return await self._behind.submit(ask)
        except Exception as error:
            self._advise([ask], error)
            raise

    def _advise(self, asks: Sequence[CheckAsk], error: Exception) -> None:
        """Say what to do with these orders where no check is possible: never is one approved unseen."""
        if is_unreachable(error) or is_contended(error):
            log.warning("credit_checks.unavailable", error=type(error).__name__)
            raise CheckUnavailableError(self._policies.advice(ask.customer_id for ask in asks)) from error

    async def check_list(
        self, asks: Sequence[CheckAsk], request: KeyedRequest | None, write: Callable[[Sequence[Outcome]], bytes]
    ) -> CheckAnswer:
        """Check a list in one transaction of its own; `write` makes the answer, which a key keeps with the effect."""

        async def work(uow: UnitOfWork) -> CheckAnswer:
            if request is not None:
                known = (await claim_many(uow.session, [request])).get(request)
                if isinstance(known, StoredAnswer):
                    return CheckAnswer(known.status, known.body, True)
                if known is not None:
                    raise known
            answer = CheckAnswer(200, write(await check_orders(uow, asks, wait=True, policies=self._policies)))
            if request is not None:
                await store_many(uow.session, {request: StoredAnswer(answer.status, answer.body, None)})
            return answer

        try:
            return await self._patiently(work)
        except Exception as error:
            self._advise(asks, error)
            raise

    async def close(self) -> None:
        """Wait for the checks in flight."""
        await self._gatherer.close()
        await self._behind.close()

    async def _decide(self, asks: Sequence[CheckAsk]) -> list[Outcome]:
        """Decide a batch. It waits for no account: what needs one that is locked comes back as `AccountBusy`."""
        return await self._transaction(asks, wait=False)

    async def _decide_waiting(self, asks: Sequence[CheckAsk]) -> list[Outcome]:
        """Decide what needs locked accounts, each account for itself, a few beside each other."""
        by_account: dict[str, list[int]] = {}
        for number, ask in enumerate(asks):
            by_account.setdefault(ask.customer_id, []).append(number)
        free = asyncio.Semaphore(self.WAITING_MAX)
        outcomes: dict[int, Outcome] = {}

        async def decide(numbers: Sequence[int]) -> None:
            async with free:
                waited = await self._transaction([asks[number] for number in numbers], wait=True)
            outcomes.update(zip(numbers, waited, strict=True))

        await asyncio.gather(*map(decide, by_account.values()))
        return [outcomes[number] for number in range(len(asks))]

    async def _transaction(self, asks: Sequence[CheckAsk], *, wait: bool) -> list[Outcome]:
        return await self._patiently(lambda uow: check_orders(uow, asks, wait=wait, policies=self._policies))

    async def _patiently(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Do the work in a transaction, and again where another was in the way or the connection was lost before.

        Doing it twice is safe: a check that was committed after all is an identical repeat.
        """
        attempts = 0
        while True:
            attempts += 1
            try:
                async with self._lanes.begin() as uow:
                    return await work(uow)
            except Exception as error:
                stale = attempts == 1 and is_unreachable(error)
                if not stale and (not is_contended(error) or attempts == self.ATTEMPTS_MAX):
                    raise
