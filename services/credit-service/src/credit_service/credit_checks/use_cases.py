"""Checks orders, many in one transaction: gather the facts, decide in order of arrival, record set-based.

The one thing to know: every change of a customer's credit happens under the lock of its account, so the exposure that the
rules read is the one that the reservation is added to. A transaction that decides many accounts takes only those that are
free; for one that is locked it comes again and waits with nothing else in hand, so it is never part of a deadlock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar, TypeVar

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account, UnknownCustomerError
from credit_service.credit_checks import repository
from credit_service.credit_checks.repository import KnownOrder
from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_decisions.domain.decision import Asked, Decided, Known, decide_order
from credit_service.credit_decisions.repository import Recorded
from credit_service.credit_decisions.schemas import shown
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import Policy
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exchange_rates.domain import MissingExchangeRateError, Rates
from credit_service.fulfilment.domain import Taken, taken
from credit_service.limit_pools import use_cases as limit_pools
from credit_service.limit_pools.domain import Pool
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order, OrderEndedError, OrderOfAnotherCustomerError
from credit_service.receivables import use_cases as receivables
from credit_service.receivables.domain import Dues
from shared.database import is_contended, is_unreachable
from shared.days import Clock
from shared.errors import OpenItemError
from shared.gathering import Gatherer
from shared.http.idempotency import KeyedRequest, StoredAnswer, claim_many, store_many
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork, Units

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CheckAsk:
    """One check as it was asked for."""

    order_id: str
    customer_id: str
    amount: Decimal
    currency: str
    requested_delivery_date: date | None
    checkpoint: str
    dry_run: bool
    as_of: date
    asked_by: str
    request: KeyedRequest | None = None
    request_id: str | None = None
    order_type: str | None = None
    payment_terms: str | None = None
    prepaid: bool = False

    @property
    def content(self) -> tuple[object, ...]:
        """What two checks of one order must share to be the same; the day is no part of it."""
        return (
            self.customer_id,
            self.amount,
            self.currency,
            self.requested_delivery_date,
            self.checkpoint,
            self.order_type,
            self.payment_terms,
            self.prepaid,
        )


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What is answered; `replayed` where an `Idempotency-Key` was known."""

    status: int
    body: bytes
    replayed: bool = False


class AccountBusy(Exception):  # noqa: N818 - not an error: the check comes again and waits
    """Another transaction has the account; seen by nobody but `check_orders`' caller."""


Outcome = CheckAnswer | OpenItemError | AccountBusy


PoliciesRead = dict[tuple[str, int], Policy]
"""Versions of policies that a process has read before."""


async def check_orders(
    uow: UnitOfWork, asks: Sequence[CheckAsk], *, wait: bool, policies: PoliciesRead
) -> list[Outcome]:
    """Check orders in their order and return the answer or refusal of each.

    Without `wait`, checks on accounts that another transaction has locked come back as `AccountBusy`, undone.
    """
    outcomes: dict[int, Outcome] = {}
    rounds = _rounds(asks)
    if len(rounds) > 1 and wait:
        # All at once: a later round must not wait for an account while this one's pools are in hand.
        await _lock(uow, {ask.customer_id for ask in asks if not ask.dry_run})
    for numbers in rounds:
        answered = await _Round(uow, [asks[number] for number in numbers], wait, policies).run()
        outcomes.update(zip(numbers, answered, strict=True))
    return [outcomes[number] for number in range(len(asks))]


async def _lock(uow: UnitOfWork, customer_ids: Iterable[str]) -> None:
    accounts = await credit_accounts.locked_accounts(uow, customer_ids)
    await limit_pools.locked(uow, accounts.values())


def _rounds(asks: Sequence[CheckAsk]) -> list[list[int]]:
    """Split checks so that no order and no key is twice in one round; a later one then sees the earlier one's effect."""
    rounds: list[tuple[set[object], list[int]]] = []
    for number, ask in enumerate(asks):
        marks: set[object] = {("order", ask.order_id)}
        if ask.request is not None:
            marks.add((ask.request.caller, ask.request.key))
        last = max((index for index, (seen, _) in enumerate(rounds) if seen & marks), default=-1)
        if last + 1 == len(rounds):
            rounds.append((set(), []))
        rounds[last + 1][0].update(marks)
        rounds[last + 1][1].append(number)
    return [numbers for _, numbers in rounds]


@dataclass
class _Round:
    """One pass of gather, decide, record over checks of different orders."""

    uow: UnitOfWork
    asks: Sequence[CheckAsk]
    wait: bool
    policies: PoliciesRead
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    known: dict[str, KnownOrder] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    rates: dict[str, Decimal] = field(default_factory=dict)
    records: list[Recorded] = field(default_factory=list)

    async def run(self) -> list[Outcome]:
        await self._claim_keys()
        await self._lock_accounts()
        await self._read_orders()
        known = await self._read_facts()
        for number in self._left():
            self.outcomes[number] = self._decide(self.asks[number], known[number])
        await credit_decisions.record(self.uow, self.records)
        await self._store_answers()
        return [self.outcomes[number] for number in range(len(self.asks))]

    def _left(self) -> list[int]:
        return [number for number in range(len(self.asks)) if number not in self.outcomes]

    async def _claim_keys(self) -> None:
        requests = [ask.request for ask in self.asks if ask.request is not None]
        if not requests:
            return
        settled = await claim_many(self.uow.session, requests)
        for number, ask in enumerate(self.asks):
            if ask.request in settled:
                known = settled[ask.request]
                answer = CheckAnswer(known.status, known.body, True) if isinstance(known, StoredAnswer) else known
                self.outcomes[number] = answer

    async def _lock_accounts(self) -> None:
        """Lock the accounts of what is to be reserved; a dry run only reads."""
        left = self._left()
        reserving = {self.asks[number].customer_id for number in left if not self.asks[number].dry_run}
        self.accounts = await credit_accounts.locked_accounts(self.uow, reserving, wait=self.wait)
        pools = await limit_pools.locked(self.uow, self.accounts.values(), wait=self.wait)
        self.accounts = {one.customer_id: one for one in self.accounts.values() if one.pool_id in {None, *pools}}
        unlocked = {self.asks[number].customer_id for number in left} - self.accounts.keys()
        read = await credit_accounts.accounts(self.uow.session, unlocked) if unlocked else {}
        for number in left:
            ask = self.asks[number]
            if ask.customer_id not in unlocked or (ask.dry_run and ask.customer_id in read):
                continue
            busy = ask.customer_id in read and not self.wait
            self.outcomes[number] = AccountBusy() if busy else UnknownCustomerError(ask.customer_id)
        self.accounts |= read

    async def _read_orders(self) -> None:
        """Read the orders as they are under the locks, and give an identical repeat its answer again."""
        left = self._left()
        pairs = [(self.asks[number].customer_id, self.asks[number].order_id) for number in left]
        self.known = await repository.known_orders(self.uow.session, pairs) if pairs else {}
        repeats: dict[int, str] = {}
        for number in left:
            ask = self.asks[number]
            order = self._present(ask)
            if order is None:
                continue
            if order.customer_id != ask.customer_id:
                self.outcomes[number] = OrderOfAnotherCustomerError(ask.order_id)
            elif order.status == "cancelled":
                self.outcomes[number] = OrderEndedError(ask.order_id, order.status)
            elif order.content == ask.content and not ask.dry_run:
                repeats[number] = order.decision_id
        answers = await credit_decisions.answers(self.uow.session, repeats.values()) if repeats else {}
        for number, decision_id in repeats.items():
            self.outcomes[number] = CheckAnswer(200, answers[decision_id].encode())

    def _present(self, ask: CheckAsk) -> Order | None:
        known = self.known.get(ask.order_id)
        return known.order if known else None

    async def _read_facts(self) -> dict[int, Known]:
        self.pools = await limit_pools.pools(self.uow.session, self.accounts.values())
        await self._read_policies()
        await self._read_rates()
        left = self._left()
        dues = await self._dues(left)
        beyond = self._customers_asking_for("dynamic_limit", left)
        by_delivery = await orders.reserved_by_delivery(self.uow.session, beyond) if beyond else {}
        facts = {}
        for number in left:
            ask = self.asks[number]
            facts[number] = Known(
                self._taken(ask),
                dues.get((ask.customer_id, ask.as_of)),
                # One mapping per customer, which the decisions of this round keep up to date.
                by_delivery.setdefault(ask.customer_id, {}) if ask.customer_id in beyond else None,
            )
        return facts

    def _taken(self, ask: CheckAsk) -> Taken:
        known = self.known.get(ask.order_id)
        if known is None:
            return Taken()
        return taken(known.invoiced, known.delivered, currency=ask.currency, rate=self.rates[ask.order_id])

    async def _read_policies(self) -> None:
        """Find the policy of each account. A version never changes, so that it is read once in the life of a process."""
        for account in self.accounts.values():
            key = (account.risk_class, account.policy_version)
            if key not in self.policies:
                self.policies[key] = await credit_policies.policy_of_version(self.uow.session, *key)

    def _policy(self, customer_id: str) -> Policy:
        account = self.accounts[customer_id]
        return self.policies[account.risk_class, account.policy_version]

    async def _read_rates(self) -> None:
        """Find the rate of each order; one without is refused."""
        rates: dict[date, Rates] = {}
        for number in self._left():
            ask = self.asks[number]
            currency = self.accounts[ask.customer_id].currency
            if ask.currency != currency and ask.as_of not in rates:
                rates[ask.as_of] = await exchange_rates.rates_of(self.uow.session, ask.as_of)
            rate = rates.get(ask.as_of, Rates()).between(ask.currency, currency)
            if rate is None:
                self.outcomes[number] = MissingExchangeRateError(ask.currency, currency)
            else:
                self.rates[ask.order_id] = rate

    async def _dues(self, left: Iterable[int]) -> dict[tuple[str, date], Dues]:
        """Read what is past due of those accounts where a rule looks at it; most have nothing past due."""
        asking: dict[date, set[str]] = {}
        for number in left:
            ask = self.asks[number]
            oldest = self.accounts[ask.customer_id].oldest_due_date
            if self._policy(ask.customer_id).content.asks_for_dues(oldest, ask.as_of):
                asking.setdefault(ask.as_of, set()).add(ask.customer_id)
        found: dict[tuple[str, date], Dues] = {}
        for as_of, customers in asking.items():
            dues = await receivables.dues(self.uow.session, customers, as_of)
            found.update({(customer_id, as_of): dues.get(customer_id, {}) for customer_id in customers})
        return found

    def _customers_asking_for(self, rule: str, left: Iterable[int]) -> set[str]:
        customers = {self.asks[number].customer_id for number in left}
        return {customer_id for customer_id in customers if self._policy(customer_id).content.asks_for(rule)}

    def _decide(self, ask: CheckAsk, known: Known) -> Outcome:
        account = self.accounts[ask.customer_id]
        known = replace(known, pool=limit_pools.seen_by(account, self.pools))
        asked = Asked(
            ask.order_id,
            ask.customer_id,
            ask.amount,
            ask.currency,
            self.rates[ask.order_id],
            ask.requested_delivery_date,
            ask.checkpoint,
            ask.as_of,
            ask.order_type,
            ask.payment_terms,
            ask.prepaid,
        )
        try:
            decided = decide_order(
                asked,
                account,
                self._present(ask),
                self._policy(ask.customer_id),
                known,
                decision_id=new_id("chk"),
            )
        except OpenItemError as refusal:
            return refusal
        answer = shown(decided, dry_run=ask.dry_run).model_dump_json()
        if ask.dry_run:
            return CheckAnswer(200, answer.encode())
        self.accounts[ask.customer_id] = decided.account
        if account.pool_id is not None:
            self.pools[account.pool_id] = decided.pool_after
        _move(known.reserved_by_delivery, decided)
        note = f"credit check: {decided.verdict.decision}"
        self.records.append(Recorded(decided, answer, ask.asked_by, note, ask.request_id))
        return CheckAnswer(201, answer.encode())

    async def _store_answers(self) -> None:
        """Keep the answers of those that brought a key; a refusal had no effect and is not kept."""
        answers = {
            ask.request: StoredAnswer(outcome.status, outcome.body, None)
            for number, ask in enumerate(self.asks)
            if ask.request and isinstance(outcome := self.outcomes[number], CheckAnswer) and not outcome.replayed
        }
        if answers:
            await store_many(self.uow.session, answers)


def _move(by_delivery: dict[date, Decimal] | None, decided: Decided) -> None:
    """Keep what is reserved by delivery date up to date for the checks that follow."""
    if by_delivery is None:
        return
    for order, sign in ((decided.present, -1), (decided.order, 1)):
        if order is not None and order.requested_delivery_date is not None:
            day = order.requested_delivery_date
            by_delivery[day] = by_delivery.get(day, ZERO) + sign * order.reserved


class CheckDesk:
    """Where all checks of a process arrive: those that wait at the same time are decided together."""

    BATCH_MAX = 32
    AT_ONCE = 2
    BEHIND_MAX = 256
    WAITING_MAX = 2
    ATTEMPTS_MAX = 5
    SERVER_SETTINGS: ClassVar[Mapping[str, str]] = {
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
    }
    """Every row is found by its key. A plan made while a table was empty would read the whole of it, each time more, until
    PostgreSQL gathers statistics a minute later."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._policies: PoliciesRead = {}
        self._gatherer: Gatherer[CheckAsk, CheckAnswer] = Gatherer(
            self._decide, most=self.BATCH_MAX, at_once=self.AT_ONCE, key=lambda ask: ask.customer_id
        )
        self._behind: Gatherer[CheckAsk, CheckAnswer] = Gatherer(self._decide_waiting, most=self.BEHIND_MAX)

    @property
    def clock(self) -> Clock:
        """What tells the business day of a check that names none."""
        return self._units.clock

    async def check(self, ask: CheckAsk) -> CheckAnswer:
        """Check one order together with whatever else waits; raise its refusal."""
        try:
            return await self._gatherer.submit(ask)
        except AccountBusy:
            return await self._behind.submit(ask)

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

        return await self._patiently(work)

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
                async with self._units.begin() as uow:
                    return await work(uow)
            except Exception as error:
                stale = attempts == 1 and is_unreachable(error)
                if not stale and (not is_contended(error) or attempts == self.ATTEMPTS_MAX):
                    raise
