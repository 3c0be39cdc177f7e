"""Applying receipts to items and taking applications back. The receipt is locked first, then its items by id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications import repository
from cashapp_service.applications.domain.allocation import ZERO, Allocation, carried
from cashapp_service.applications.domain.checks import TakenBefore
from cashapp_service.applications.domain.decision import Decision, Recorder, decision_of
from cashapp_service.applications.domain.plan import Plan, Terms, first_day, plan_application, residual_number
from cashapp_service.applications.domain.refusals import (
    AlreadyReversedError,
    ApplicationNotFoundError,
    NoProposalError,
    NotItsApplicationError,
    PayerKnownError,
    PayerUnknownError,
    PostedTooEarlyError,
    UnknownItemError,
)
from cashapp_service.applications.domain.reversal import reversal_entries, without_what_stays
from cashapp_service.applications.domain.unearned import GrantedDiscount, UnearnedDiscount, is_unearned, unearned
from cashapp_service.applications.tables import ApplicationRow, cash_of, to_allocation
from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import fingerprint
from cashapp_service.exchange_rates.domain import StoredRates
from cashapp_service.exchange_rates.use_cases import AskRate
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.matching import use_cases as matching
from cashapp_service.payers import use_cases as payers
from cashapp_service.periods import use_cases as periods
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt, ReceiptReturnedError
from cashapp_service.settings import CashappSettings
from cashapp_service.tolerance_groups import use_cases as tolerance_groups
from cashapp_service.tolerance_groups.domain import Limits, Policy, Tolerance
from shared.errors import OpenItemError
from shared.events.cashapp import PaymentShortPaid
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.values import changed
from shared.versions import ensure_fresh


def policy_of(settings: CashappSettings) -> Policy:
    """Return what the company allows without asking."""
    usual = Limits(
        Tolerance(settings.tolerance_item_amount, settings.tolerance_item_pct),
        Tolerance(settings.tolerance_receipt_amount, settings.tolerance_receipt_pct),
    )
    return Policy(
        users=(usual,),
        discount_grace_days=settings.discount_grace_days,
        exchange_difference_pct=settings.exchange_difference_pct,
    )


async def apply_receipt(
    uow: UnitOfWork,
    receipt_id: str,
    decision: Decision | None,
    *,
    recorder: Recorder,
    ask_owner: customers.AskOwner,
    ask_rate: AskRate | None = None,
    expected_version: int | None = None,
    teaches: bool = True,
) -> tuple[Receipt, ApplicationRow]:
    """Apply a receipt as decided, or as its best proposal says, and return both as they are then.

    A decision teaches matching whose receipts such a payer's are, unless its money came by way of somebody else.
    No best proposal is taken where it might be another at a rate that could not be asked for: why is raised.
    Raises what `plan_application` refuses, `PayerUnknownError`, `UnknownCustomerError`, `NoProposalError`,
    `ReceiptReturnedError`, and `StaleVersionError` where the receipt is not the one that was decided on.
    """
    # Asked before the lock: credit-service may take seconds, or be away.
    if decision is not None and decision.customer_id is not None:
        await customers.ensure_known(uow, decision.customer_id, ask_owner)
    rates = await _rates(uow, receipt_id, ask_rate) if decision is None and ask_rate is not None else matching.NO_RATES
    receipt = await receipts.locked(uow, receipt_id)
    ensure_fresh(expected_version, receipt.version)
    if receipt.status == "returned":
        raise ReceiptReturnedError
    taught = teaches and decision is not None
    decision = decision or await _best(uow, receipt, recorder, rates)
    locked = await items.locked(uow, set(_touched(decision)))
    receipt, identifications = await receipts.identified(uow, receipt, _payer(receipt, decision, locked))
    if decision.order_id is not None:
        receipt = replace(receipt, order_id=decision.order_id)
    plan = plan_application(
        receipt,
        locked,
        decision.wanted,
        on_account=decision.on_account,
        posting_date=decision.posting_date or await first_open_day(uow, receipt, locked),
        terms=await terms_for(uow, receipt, locked, decision, recorder),
    )
    await ledger.post(uow, identifications)
    receipt, _ = await carry_out(uow, receipt, locked, plan, decision.method, recorder)
    if taught:
        await matching.learn(uow, receipt)
    row = await repository.find(uow.session, plan.application_id)
    assert row is not None
    return receipt, row


def _touched(decision: Decision) -> Iterable[str]:
    """Yield the items that a decision pays, and the residual items that it opens again."""
    for one in decision.wanted:
        yield one.item_id
        if one.reopens is not None:
            yield one.reopens


async def first_open_day(uow: UnitOfWork, receipt: Receipt, locked: Mapping[str, Item]) -> date:
    """Return the first day on which the receipt may pay these items that takes postings."""
    return await periods.first_open(uow.session, receipt.company_code, first_day(receipt, list(locked.values())))


async def terms_for(
    uow: UnitOfWork, receipt: Receipt, locked: Mapping[str, Item], decision: Decision, recorder: Recorder
) -> Terms:
    """Return under which terms an identified receipt is applied to locked items."""
    return Terms(
        policy=await policy_for(uow.session, receipt, recorder),
        pays_for=await _pays_for(uow, receipt, locked),
        rates=decision.rates,
        residual_numbers=await _residual_numbers(uow, locked, decision),
        before=await _taken_before(uow, receipt, decision),
    )


async def _pays_for(uow: UnitOfWork, receipt: Receipt, locked: Mapping[str, Item]) -> frozenset[str]:
    assert receipt.customer_id is not None
    paid_for = await payers.paid_for(
        uow.session,
        {item.customer_id for item in locked.values()},
        payer_id=receipt.customer_id,
        account_fingerprint=fingerprint(receipt.payer_account) if receipt.payer_account else None,
        name=receipt.payer_name,
    )
    return frozenset(paid_for)


async def payable(uow: UnitOfWork, receipt: Receipt, locked: Mapping[str, Item]) -> dict[str, Item]:
    """Return those of locked items that an identified receipt may pay: its customer's, and those of whom he pays for now."""
    paid_for = await _pays_for(uow, receipt, locked)
    return {item_id: item for item_id, item in locked.items() if item.customer_id in paid_for}


async def _taken_before(uow: UnitOfWork, receipt: Receipt, decision: Decision) -> dict[str, TakenBefore]:
    """Return what the receipt took before, by currency, where more is to be written off with it."""
    if not any(one.tolerance_write_off for one in decision.wanted):
        return {}
    return {
        currency: TakenBefore(exact(paid, currency), exact(written_off, currency))
        for currency, paid, written_off in await repository.taken_by_receipt(uow.session, receipt.receipt_id)
    }


async def tolerance_left(uow: UnitOfWork, receipt: Receipt, policy: Policy) -> Decimal:
    """Return how much may still be written off on items in a receipt's currency that it pays."""
    limit = policy.receipt_limit(Money(receipt.amount, receipt.currency)).amount
    return max(limit - await _written_off(uow.session, receipt), ZERO)


async def _written_off(session: AsyncSession, receipt: Receipt) -> Decimal:
    """Return what a receipt's applications that stand write off of items in its currency."""
    taken = await repository.taken_by_receipt(session, receipt.receipt_id)
    return sum((one for currency, _, one in taken if currency == receipt.currency), ZERO)


async def policy_for(session: AsyncSession, receipt: Receipt, recorder: Recorder) -> Policy:
    """Return what may be done with a receipt without asking: as the groups of user and customer say."""
    return await tolerance_groups.policy_for(
        session, recorder.policy, roles=recorder.roles, customer_id=receipt.customer_id
    )


async def _rates(uow: UnitOfWork, receipt_id: str, ask_rate: AskRate) -> StoredRates:
    return await matching.stored_rates(uow.session, await receipts.find(uow.session, receipt_id), ask_rate)


async def _best(uow: UnitOfWork, receipt: Receipt, recorder: Recorder, rates: StoredRates) -> Decision:
    found = await _matched(uow.session, receipt, recorder, rates)
    if found.undecided is not None:
        raise found.undecided
    if found.best is None:
        raise NoProposalError
    return decision_of(found.best)


async def _matched(session: AsyncSession, receipt: Receipt, recorder: Recorder, rates: StoredRates) -> matching.Found:
    rules = matching.Rules(recorder.policy, recorder.roles, await _written_off(session, receipt))
    return await matching.match(session, receipt, rules, rates=rates)


async def proposals(
    session: AsyncSession, receipt: Receipt, recorder: Recorder, *, ask_rate: AskRate
) -> matching.Found:
    """Return ways to apply what is left of a receipt, the surest first, within what its recorder may write off.

    Items in other currencies that it names are valued at stored rates; where those cannot be had, it tells which.
    """
    return await _matched(session, receipt, recorder, await matching.stored_rates(session, receipt, ask_rate))


async def identify_receipt(
    uow: UnitOfWork,
    receipt_id: str,
    *,
    customer_id: str,
    ask_owner: customers.AskOwner,
    expected_version: int | None = None,
) -> None:
    """Make an unidentified receipt that of a customer.

    Raises `PayerKnownError` where it is another's, `UnknownCustomerError`, `ReceiptReturnedError`, `StaleVersionError`.
    """
    # Asked before the lock, as above.
    await customers.ensure_known(uow, customer_id, ask_owner)
    receipt = await receipts.locked(uow, receipt_id)
    ensure_fresh(expected_version, receipt.version)
    if receipt.status == "returned":
        raise ReceiptReturnedError
    if receipt.customer_id not in (None, customer_id):
        raise PayerKnownError(receipt)
    receipt, entries = await receipts.identified(uow, receipt, customer_id)
    await receipts.record(uow, [receipt])
    await ledger.post(uow, entries)
    await matching.learn(uow, receipt)


def _payer(receipt: Receipt, decision: Decision, locked: Mapping[str, Item]) -> str:
    """Return whose receipt it is: as known, as decided, or as its first item says."""
    if receipt.customer_id is not None:
        if decision.customer_id not in (None, receipt.customer_id):
            raise PayerKnownError(receipt)
        return receipt.customer_id
    if decision.customer_id is not None:
        return decision.customer_id
    if not decision.wanted:
        raise PayerUnknownError
    first = locked.get(decision.wanted[0].item_id)
    if first is None:
        raise UnknownItemError(decision.wanted[0].item_id, field="allocations.0.item_id")
    return first.customer_id


async def _residual_numbers(uow: UnitOfWork, locked: Mapping[str, Item], decision: Decision) -> dict[str, str]:
    """Return a free document number for the rest of each item of which it is carried into a residual item."""
    found: dict[str, str] = {}
    for one in decision.wanted:
        if one.shortfall == "residual" and one.reopens is None and one.item_id in locked:
            item = locked[one.item_id]
            found[one.item_id] = await items.free_number(
                uow.session, item.company_code, residual_number(item), reserved=set(found.values())
            )
    return found


def plan_or_leave(receipt: Receipt, locked: Mapping[str, Item], decision: Decision, terms: Terms) -> Plan | None:
    """Return the plan of a sure proposal, None where its items have changed since it was made: then a person looks."""
    try:
        return plan_application(
            receipt,
            locked,
            decision.wanted,
            on_account=decision.on_account,
            posting_date=decision.posting_date,
            terms=terms,
        )
    except OpenItemError:
        return None


async def carry_out(
    uow: UnitOfWork, receipt: Receipt, locked: Mapping[str, Item], plan: Plan, method: str, recorder: Recorder
) -> tuple[Receipt, dict[str, Item]]:
    """Post, tell and store an application of a locked receipt; return it and the items as they are then."""
    receipt = tell_applied(uow, receipt, plan)
    await receipts.record(uow, [receipt])
    return receipt, await post_plans(uow, locked, [(receipt, plan, method)], recorder)


def tell_applied(uow: UnitOfWork, receipt: Receipt, plan: Plan) -> Receipt:
    """Tell what an application does to its receipt and return it as it is then."""
    receipt = receipt.after(plan.entry)
    uow.publish(receipt.applied_event(plan.entry, [one.told for one in plan.allocations]))
    return receipt


async def post_plans(
    uow: UnitOfWork, locked: Mapping[str, Item], plans: Sequence[tuple[Receipt, Plan, str]], recorder: Recorder
) -> dict[str, Item]:
    """Post and store applications, each with its receipt (told and recorded by the caller) and method; return the items."""
    entries = [entry for _, plan, _ in plans for entry in plan.entries]
    residual_items = {item_id: item for _, plan, _ in plans for item_id, item in plan.residual_items.items()}
    told = carried(locked, (one for _, plan, _ in plans for one in plan.allocations))
    changed = await items.record(uow, {**told, **residual_items}, entries)
    await repository.insert_new(uow.session, plans, by=recorder.by, at=uow.clock.now())
    await ledger.post(uow, entries)
    for receipt, plan, _ in plans:
        tell_short_payments(uow, receipt, plan, changed)
    return changed


def tell_short_payments(uow: UnitOfWork, receipt: Receipt, plan: Plan, changed: Mapping[str, Item]) -> None:
    """Tell of each shortfall that is to be disputed, with the item as it is after the application."""
    for one in plan.allocations:
        if one.shortfall == "dispute":
            item = changed[one.item_id]
            assert one.reason_code is not None
            assert one.short_payment_id is not None
            assert one.short_payment_version is not None
            uow.publish(
                PaymentShortPaid(
                    version=one.short_payment_version,
                    short_payment_id=one.short_payment_id,
                    receipt_id=receipt.receipt_id,
                    application_id=plan.application_id,
                    item=item.state,
                    item_version=item.version,
                    shortfall=one.shortfall_amount,
                    reason_code=one.reason_code,
                    paid_on=receipt.value_date,
                )
            )


async def reverse_application(
    uow: UnitOfWork, application_id: str, *, posting_date: date | None, expected_version: int | None = None
) -> tuple[Receipt, ApplicationRow]:
    """Take an application back: its items are open again and its money is where it came from.

    Posted on `posting_date`, else today, and never before the application. Raises `ApplicationNotFoundError`,
    `AlreadyReversedError`, `StaleVersionError`, and `OnAccountSpentError` where a later application took money this one
    put on account.
    """
    row = await repository.find(uow.session, application_id)
    if row is None:
        raise ApplicationNotFoundError(application_id)
    receipt = await receipts.locked(uow, row.receipt_id)
    row = await repository.find(uow.session, application_id)
    assert row is not None
    if row.status == "reversed":
        raise AlreadyReversedError(application_id)
    ensure_fresh(expected_version, row.version)
    if posting_date is not None and posting_date < row.posting_date:
        raise PostedTooEarlyError(row.posting_date)
    day = max(posting_date or uow.clock.today(), row.posting_date)
    receipt, _, _ = await _reverse(uow, receipt, [row], not_before=day, date_chosen=posting_date is not None)
    row = await repository.find(uow.session, application_id)
    assert row is not None
    return receipt, row


async def application(session: AsyncSession, application_id: str) -> ApplicationRow:
    """Return an application; raise `ApplicationNotFoundError`."""
    row = await repository.find(session, application_id)
    if row is None:
        raise ApplicationNotFoundError(application_id)
    return row


TakenBack = list[list[Allocation]]
"""What was taken back, application by application, with the discounts that these parts had earned for others, too."""


async def reverse_all(
    uow: UnitOfWork, receipt: Receipt, *, first: Sequence[str] = (), not_before: date
) -> tuple[Receipt, TakenBack]:
    """Take all applications of a locked receipt back, the one posted last first; return it with what was taken back.

    Those named first stand first in what is returned. Raises `NotItsApplicationError` for one that is none of the receipt's that
    stand.
    """
    rows = await _standing(uow, receipt, first)
    return await _told_back(uow, receipt, rows, first=first, not_before=not_before)


async def free(
    uow: UnitOfWork, receipt: Receipt, amount: Decimal, *, first: Sequence[str], not_before: date
) -> tuple[Receipt, TakenBack] | None:
    """Take so many applications of a locked receipt back that `amount` of it is neither applied nor on account.

    Those named first are taken back in any case, and stand first in what is returned; then those that put money on account, which
    is there to be taken; then those that were posted last. None, and nothing is done, where one of these put money on account
    that is not there any more. Raises `NotItsApplicationError` for one that is none of the receipt's that stand.
    """
    rows = _to_free(receipt, await _standing(uow, receipt, first), amount, first)
    if _is_spent(receipt, rows):
        return None
    return await _told_back(uow, receipt, rows, first=first, not_before=not_before)


def _to_free(
    receipt: Receipt, rows: Sequence[ApplicationRow], amount: Decimal, first: Sequence[str]
) -> list[ApplicationRow]:
    """Return those of a receipt's applications that `free` takes back, in the order of `rows`."""
    taken = set(first)
    putting = [
        row
        for row in rows
        if row.to_on_account
        and not _is_spent(receipt, [one for one in rows if one is row or one.application_id in first])
    ]
    loose = (
        receipt.unidentified
        + receipt.unapplied
        + sum((_loosened(row) for row in rows if row.application_id in taken), ZERO)
    )
    for row in [*putting, *rows]:
        if loose >= amount:
            break
        if row.application_id not in taken:
            taken.add(row.application_id)
            loose += _loosened(row)
    return [row for row in rows if row.application_id in taken]


def _loosened(row: ApplicationRow) -> Decimal:
    """Return how much is neither applied nor on account any more when an application is taken back."""
    cash = cash_of(row)
    return cash.from_unapplied + cash.to_on_account


async def _standing(uow: UnitOfWork, receipt: Receipt, named: Sequence[str]) -> list[ApplicationRow]:
    """Return a locked receipt's applications that stand, the one posted last first; each that is named must be one of them."""
    active = await repository.active_of_receipt(uow.session, receipt.receipt_id)
    for application_id in named:
        if application_id not in active:
            raise NotItsApplicationError(application_id)
    posted = await ledger.causes_of_receipt(uow.session, receipt.receipt_id) if active else []
    return [active[cause] for cause in posted if cause in active]


def _is_spent(receipt: Receipt, rows: Iterable[ApplicationRow]) -> bool:
    """Whether one of these applications, taken back in this order, put money on account that was spent since."""
    held = receipt.on_account
    for row in rows:
        cash = cash_of(row)
        held += cash.from_on_account - cash.to_on_account
        if held < 0:
            return True
    return False


async def _told_back(
    uow: UnitOfWork, receipt: Receipt, rows: Sequence[ApplicationRow], *, first: Sequence[str], not_before: date
) -> tuple[Receipt, TakenBack]:
    receipt, found, unearned_of = await _reverse(uow, receipt, rows, not_before=not_before, date_chosen=False)
    told = [
        [replace(one, discount=one.discount + unearned_of.pop(one.item_id, 0)) for one in allocations]
        for allocations in found
    ]
    # The sort is stable: apart from those named first they stay in the order in which they were taken back.
    in_order = sorted(zip(rows, told, strict=True), key=lambda one: one[0].application_id not in first)
    return receipt, [allocations for _, allocations in in_order]


async def _reverse(
    uow: UnitOfWork, receipt: Receipt, rows: Sequence[ApplicationRow], *, not_before: date, date_chosen: bool
) -> tuple[Receipt, list[list[Allocation]], dict[str, Decimal]]:
    """Reverse applications; a date that nobody chose is moved to the first open day.

    Returns what each application took, and by item what other applications had been granted for it.
    """
    by_application = await _allocations(uow.session, rows)
    locked = await items.locked(uow, set(_concerned(one for found in by_application.values() for one in found)))
    by_application = await _as_they_stand(uow.session, by_application)
    entries: list[Entry] = []
    last_day = not_before
    for row in rows:
        allocations = by_application[row.application_id]
        day = max([not_before, row.posting_date, *_moved_since(receipt, row, allocations, locked)])
        if not date_chosen:
            day = await periods.first_open(uow.session, row.company_code, day)
        made = reversal_entries(
            receipt,
            allocations,
            locked,
            application_id=row.application_id,
            cash=cash_of(row),
            posting_date=day,
        )
        receipt = receipt.after(made[0])
        uow.publish(receipt.reversed_event(made[0], [one.told for one in allocations]))
        by_application[row.application_id] = [without_what_stays(one, locked) for one in allocations]
        locked = await items.record(uow, carried(locked, allocations, back=True), made)
        await repository.mark_reversed(uow.session, row.application_id, reversed_on=made[0].posting_date)
        entries += made
        last_day = max(last_day, made[0].posting_date)
    unearned_of, taken_back = await _take_back_unearned(uow, locked, not_before=last_day)
    await receipts.record(uow, [receipt])
    await ledger.post(uow, entries + taken_back)
    return receipt, list(by_application.values()), unearned_of


async def _as_they_stand(
    session: AsyncSession, by_application: Mapping[str, list[Allocation]]
) -> dict[str, list[Allocation]]:
    """Return the allocations of applications, whose items are locked by now, with the discounts that they still grant."""
    taken_back = await repository.discounts_taken_back(session, by_application)
    return {
        application_id: [
            replace(
                one, discount_taken_back=exact(taken_back.get((application_id, one.item_id), ZERO), one.currency)
            ).standing
            for one in found
        ]
        if taken_back
        else found
        for application_id, found in by_application.items()
    }


async def _take_back_unearned(
    uow: UnitOfWork, locked: Mapping[str, Item], *, not_before: date
) -> tuple[dict[str, Decimal], list[Entry]]:
    """Take back what applications that stand were granted for parts of locked items that stand no more.

    Returns how much it was by item, and the entries for the ledger. Each is posted on the day of what took the part back, or
    of the application that took the discount, where that is later.
    """
    concerned = {item_id: item for item_id, item in locked.items() if is_unearned(item)}
    if not concerned:
        return {}, []
    granted: dict[str, list[GrantedDiscount]] = {item_id: [] for item_id in concerned}
    for one in await repository.discounts_granted(uow.session, concerned):
        granted[one.item_id].append(one)
    amounts: dict[str, Decimal] = {}
    found: list[UnearnedDiscount] = []
    for item_id, item in concerned.items():
        of_item = unearned(item, granted[item_id])
        amounts[item_id] = sum((one.amount for one in of_item), ZERO)
        concerned[item_id] = changed(item, discount_carried=item.discount_carried + amounts[item_id])
        found += of_item
    entries = []
    for back in found:
        day = max(not_before, back.granted.posting_date)
        entries.append(back.entry(await periods.first_open(uow.session, back.granted.company_code, day)))
    await items.record(uow, concerned, entries)
    await repository.take_discounts_back(uow.session, found)
    return amounts, entries


def _concerned(allocations: Iterable[Allocation]) -> Iterable[str]:
    for one in allocations:
        yield one.item_id
        if one.residual_item_id:
            yield one.residual_item_id


def _moved_since(
    receipt: Receipt, row: ApplicationRow, allocations: Iterable[Allocation], locked: Mapping[str, Item]
) -> Iterable[date]:
    """Yield the days before which what the application made was not there for good.

    The residual items that are taken back may have been paid for a while, and so may money that it put on account have been
    applied; before the day on which it was free again it cannot leave.
    """
    if row.to_on_account > row.from_on_account:
        yield receipt.postable_from
    for one in allocations:
        if one.residual_item_id:
            yield locked[one.residual_item_id].postable_from


async def _allocations(session: AsyncSession, rows: Sequence[ApplicationRow]) -> dict[str, list[Allocation]]:
    by_id = {row.application_id: row for row in rows}
    found: dict[str, list[Allocation]] = {row.application_id: [] for row in rows}
    for row in await repository.allocations_of(session, list(by_id)):
        head = by_id[row.application_id]
        found[row.application_id].append(to_allocation(row, receipts_currency=head.currency))
    return found


async def allocations_of(session: AsyncSession, row: ApplicationRow) -> list[Allocation]:
    """Return an application's allocations."""
    return (await _allocations(session, [row]))[row.application_id]


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of applications."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
