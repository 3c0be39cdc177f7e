"""Decides checks, many in one transaction: gather the facts, decide in order of arrival, record set-based.

The one thing to know: every change of a customer's credit happens under the lock of its account, so the exposure that the
rules read is the one that the reservation is added to. A round has three statements, whatever it holds: one takes keys and
accounts, one reads what belongs to the checks, one records; what is rare (a hold, a rate, a policy read for the first time)
costs one more. Between them the rules are plain Python.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from credit_service.check_rounds import repository
from credit_service.check_rounds.domain import AccountBusy, CheckAnswer, CheckAsk, Outcome, PoliciesRead, rounds
from credit_service.check_rounds.repository import KnownCheck, Wanted
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account, UnknownCustomerError
from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_decisions.domain.decision import Asked, Decided, Known, decide_order
from credit_service.credit_decisions.repository import Recorded
from credit_service.credit_decisions.schemas import answer_of
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import Policy
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exchange_rates.domain import MissingExchangeRateError, Rates
from credit_service.fulfilment.domain import NOTHING_TAKEN, Taken, taken
from credit_service.limit_pools import use_cases as limit_pools
from credit_service.limit_pools.domain import Pool
from credit_service.orders.domain import OrderEndedError, OrderOfAnotherCustomerError
from credit_service.receivables.domain import Dues
from credit_service.releases import use_cases as releases
from shared.answers import KeyedRequest, StoredAnswer
from shared.errors import OpenItemError
from shared.http.idempotency import RequestInFlightError, settled_as
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork


async def check_orders(
    uow: UnitOfWork, asks: Sequence[CheckAsk], *, wait: bool, policies: PoliciesRead
) -> list[Outcome]:
    """Check orders in their order and return the answer or refusal of each.

    Without `wait`, checks on accounts that another transaction has locked come back as `AccountBusy`, undone.
    """
    outcomes: dict[int, Outcome] = {}
    turns = rounds(asks)
    if len(turns) > 1 and wait:
        # All at once: a later round must not wait for an account while this one's pools are in hand.
        await _lock(uow, {ask.customer_id for ask in asks if not ask.dry_run})
    for numbers in turns:
        answered = await _Round(uow, [asks[number] for number in numbers], wait, policies).run()
        outcomes.update(zip(numbers, answered, strict=True))
    return [outcomes[number] for number in range(len(asks))]


async def _lock(uow: UnitOfWork, customer_ids: Iterable[str]) -> None:
    accounts = await credit_accounts.locked_accounts(uow, customer_ids)
    await limit_pools.locked(uow, accounts.values())


@dataclass
class _Round:
    """One pass of gather, decide, record over checks of different orders."""

    uow: UnitOfWork
    asks: Sequence[CheckAsk]
    wait: bool
    policies: PoliciesRead
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    known: dict[int, KnownCheck] = field(default_factory=dict)
    dues: dict[tuple[str, date], Dues | None] = field(default_factory=dict)
    by_delivery: dict[str, dict[date, Decimal]] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    rates: dict[int, Decimal] = field(default_factory=dict)
    records: list[Recorded] = field(default_factory=list)

    async def run(self) -> list[Outcome]:
        await self._take_keys_and_accounts()
        await self._read_policies()
        await self._read_what_is_known()
        await self._settle()
        await self._read_rates()
        for number in self._left():
            self.outcomes[number] = self._decide(number)
        await credit_decisions.record(self.uow, self.records, keyed=self._to_keep())
        await self._look_again()
        return [self.outcomes[number] for number in range(len(self.asks))]

    def _left(self) -> list[int]:
        return [number for number in range(len(self.asks)) if number not in self.outcomes]

    async def _take_keys_and_accounts(self) -> None:
        """Lock the accounts of what is to be reserved; a dry run only reads."""
        reserving = {ask.customer_id for ask in self.asks if not ask.dry_run}
        taken, self.accounts = await repository.take(self.uow.session, self.asks, reserving, wait=self.wait)
        self.outcomes.update((number, RequestInFlightError()) for number, mine in enumerate(taken) if not mine)
        pools = await limit_pools.locked(self.uow, self.accounts.values(), wait=self.wait)
        self.accounts = {
            name: one for name, one in self.accounts.items() if one.pool_id is None or one.pool_id in pools
        }
        self.locked = frozenset(self.accounts)
        if unlocked := {ask.customer_id for ask in self.asks} - self.locked:
            self.accounts |= await credit_accounts.accounts(self.uow.session, unlocked)
        self.pools = await limit_pools.pools(self.uow.session, self.accounts.values())

    async def _read_policies(self) -> None:
        """Find the policy of each account. A version never changes, so that it is read once in the life of a process."""
        for account in self.accounts.values():
            key = (account.risk_class, account.policy_version)
            if key not in self.policies.versions:
                self.policies.versions[key] = await credit_policies.policy_of_version(self.uow.session, *key)
            self.policies.see(account.customer_id, key)

    def _policy(self, customer_id: str) -> Policy:
        account = self.accounts[customer_id]
        return self.policies.versions[account.risk_class, account.policy_version]

    async def _read_what_is_known(self) -> None:
        """Read the orders as they are under the locks, and what the rules ask for; once for each customer and day."""
        left = self._left()
        asks = [self.asks[number] for number in left]
        wanted = [self._wanted(ask) for ask in asks]
        for number, ask, want, known in zip(
            left, asks, wanted, await repository.known(self.uow.session, asks, wanted), strict=True
        ):
            self.known[number] = known
            if want.dues_on is not None:
                self.dues[ask.customer_id, ask.as_of] = known.dues or {}
            if want.by_delivery:
                # One mapping per customer, which the decisions of this round keep up to date.
                self.by_delivery[ask.customer_id] = known.by_delivery or {}

    def _wanted(self, ask: CheckAsk) -> Wanted:
        """Return what the rules look at: most accounts have nothing past due."""
        if ask.customer_id not in self.accounts:
            return Wanted()
        rules, day = self._policy(ask.customer_id).content, (ask.customer_id, ask.as_of)
        dues = day not in self.dues and rules.asks_for_dues(self.accounts[ask.customer_id].oldest_due_date, ask.as_of)
        by_delivery = ask.customer_id not in self.by_delivery and rules.asks_for("dynamic_limit")
        if dues:
            self.dues[day] = None
        if by_delivery:
            self.by_delivery[ask.customer_id] = {}
        return Wanted(ask.as_of if dues else None, by_delivery)

    async def _settle(self) -> None:
        """Answer what is not to be decided: known keys, absent accounts, orders that are no more, identical repeats."""
        repeats: dict[int, str] = {}
        for number in self._left():
            ask, known = self.asks[number], self.known[number]
            outcome = self._known_answer(ask, known) or self._absence(ask) or _refusal(ask, known)
            if outcome is not None:
                self.outcomes[number] = outcome
            elif known.order is not None and known.order.content == ask.content and not ask.dry_run:
                repeats[number] = known.order.decision_id
        if repeats:
            answers = await credit_decisions.answers(self.uow.session, repeats.values())
            self.outcomes.update((number, CheckAnswer(200, answers[one].encode())) for number, one in repeats.items())

    def _known_answer(self, ask: CheckAsk, known: KnownCheck) -> Outcome | None:
        if ask.request is None:
            return None
        settled = settled_as(ask.request, taken=True, known=known.answer, print_=known.print_)
        return CheckAnswer(settled.status, settled.body, True) if isinstance(settled, StoredAnswer) else settled

    def _absence(self, ask: CheckAsk) -> Outcome | None:
        there = ask.customer_id in self.accounts
        if ask.customer_id in self.locked or (there and ask.dry_run):
            return None
        return AccountBusy() if there and not self.wait else UnknownCustomerError(ask.customer_id)

    async def _read_rates(self) -> None:
        """Find the rate of each order; one without is refused."""
        rates: dict[date, Rates] = {}
        for number in self._left():
            ask = self.asks[number]
            currency = self.accounts[ask.customer_id].currency
            if ask.currency != currency and ask.as_of not in rates:
                rates[ask.as_of] = await exchange_rates.rates_of(self.uow.session, ask.as_of)
            rate = rates.get(ask.as_of, _NO_RATES).between(ask.currency, currency)
            if rate is None:
                self.outcomes[number] = MissingExchangeRateError(ask.currency, currency)
            else:
                self.rates[number] = rate

    def _decide(self, number: int) -> Outcome:
        ask, known = self.asks[number], self.known[number]
        account = self.accounts[ask.customer_id]
        by_delivery = self.by_delivery.get(ask.customer_id)
        try:
            decided = decide_order(
                self._asked(number),
                account,
                known.order,
                self._policy(ask.customer_id),
                Known(
                    _taken(ask, known, self.rates[number]),
                    self.dues.get((ask.customer_id, ask.as_of)),
                    by_delivery,
                    limit_pools.seen_by(account, self.pools),
                ),
                decision_id=new_id("chk"),
            )
        except OpenItemError as refusal:
            return refusal
        answer = answer_of(decided, dry_run=ask.dry_run)
        if ask.dry_run:
            return CheckAnswer(200, answer)
        self.accounts[ask.customer_id] = decided.account
        if account.pool_id is not None:
            self.pools[account.pool_id] = decided.pool_after
        _move(by_delivery, decided)
        note = f"credit check: {decided.verdict.decision}"
        self.records.append(Recorded(decided, answer.decode(), ask.asked_by, note, ask.request_id))
        return CheckAnswer(201, answer)

    async def _look_again(self) -> None:
        """Look again at what else is held of a customer whose changed order leaves room for it."""
        days: dict[str, date] = {}
        for decided in (record.decided for record in self.records):
            if decided.frees:
                customer_id, as_of = decided.order.customer_id, decided.facts.as_of
                days[customer_id] = max(as_of, days.get(customer_id, as_of))
        if days:
            await releases.recheck_accounts(self.uow, [self.accounts[one] for one in sorted(days)], days)

    def _asked(self, number: int) -> Asked:
        ask = self.asks[number]
        return Asked(
            ask.order_id,
            ask.customer_id,
            ask.amount,
            ask.currency,
            self.rates[number],
            ask.requested_delivery_date,
            ask.checkpoint,
            ask.as_of,
            ask.order_type,
            ask.payment_terms,
            ask.prepaid,
        )

    def _to_keep(self) -> dict[KeyedRequest, StoredAnswer]:
        """Return the answers of those that brought a key; a refusal had no effect and is not kept."""
        return {
            ask.request: StoredAnswer(outcome.status, outcome.body, None)
            for number, ask in enumerate(self.asks)
            if ask.request and isinstance(outcome := self.outcomes[number], CheckAnswer) and not outcome.replayed
        }


_NO_RATES = Rates()


def _taken(ask: CheckAsk, known: KnownCheck, rate: Decimal) -> Taken:
    if not known.invoiced and not known.delivered:
        return NOTHING_TAKEN
    return taken(known.invoiced, known.delivered, currency=ask.currency, rate=rate)


def _refusal(ask: CheckAsk, known: KnownCheck) -> OpenItemError | None:
    order = known.order
    if order is None:
        return None
    if order.customer_id != ask.customer_id:
        return OrderOfAnotherCustomerError(ask.order_id)
    return OrderEndedError(ask.order_id, order.status) if order.status == "cancelled" else None


def _move(by_delivery: dict[date, Decimal] | None, decided: Decided) -> None:
    """Keep what is reserved by delivery date up to date for the checks that follow."""
    if by_delivery is None:
        return
    for order, sign in ((decided.present, -1), (decided.order, 1)):
        if order is not None and order.requested_delivery_date is not None:
            day = order.requested_delivery_date
            by_delivery[day] = by_delivery.get(day, ZERO) + sign * order.reserved
