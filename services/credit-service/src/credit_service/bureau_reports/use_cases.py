"""What can be done with bureau reports: order one, fetch what was ordered, keep a file, read.

The one thing to know: ordering only records the purchase and queues a job; the job asks the bureau in between transactions, so
that no lock and no order check ever waits for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.bureau_reports import repository
from credit_service.bureau_reports.domain.connector import (
    BureauError,
    Connector,
    Delivered,
    Identity,
    InPreparation,
    NotCollectedError,
    Order,
    Sending,
)
from credit_service.bureau_reports.domain.purchase import (
    BureauNotConfiguredError,
    ForceNeedsReasonError,
    Offer,
    ReportNotFoundError,
    UncertainPurchaseOpenError,
    UnknownProductError,
    ensure_within_cap,
    month_of,
)
from credit_service.bureau_reports.domain.report import (
    LatestScore,
    Provider,
    Report,
    UnusableReportError,
    ensure_usable,
)
from credit_service.bureau_reports.domain.vault import ReportVault, Sealed
from credit_service.bureau_reports.schemas import BureauReportSummary, summary
from credit_service.bureau_reports.tables import BureauPurchaseRow, BureauReportRow
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.customers import use_cases as customers
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from shared import jobs
from shared.ids import new_id
from shared.jobs import Job, enqueue
from shared.money import Money
from shared.unit_of_work import UnitOfWork, Units

FETCH = "bureau_report.fetch"
"""The job that asks the bureau."""
_FIGURES = TypeAdapter(Report)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that somebody wants bought; `force` in spite of a fresh one, of the cap or of an uncertain purchase."""

    customer_id: str
    provider: Provider
    product: str | None
    identifiers: dict[str, str]
    force: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who orders; some may spend more than the cap."""

    subject: str
    may_exceed_cap: bool


async def order_report(
    uow: UnitOfWork, wanted: Wanted, *, by: Buyer, offers: Mapping[str, Offer]
) -> BureauReportRow | Job:
    """Return the fresh report there is, or the job that fetches one: an order that is under way is joined, never doubled.

    Raises `CustomerNotFoundError`, `BureauNotConfiguredError`, `UnknownProductError`, `ForceNeedsReasonError`,
    `UncertainPurchaseOpenError` and `CostCapReachedError`.
    """
    if wanted.force and not wanted.reason:
        raise ForceNeedsReasonError
    await credit_accounts.locked_account(uow, wanted.customer_id)
    offer = offers.get(wanted.provider)
    if offer is None or not offer.available:
        raise BureauNotConfiguredError(wanted.provider)
    product = wanted.product or offer.products[0]
    if product not in offer.products:
        raise UnknownProductError(product, offer.products)
    key = (wanted.customer_id, wanted.provider, product)
    last = await repository.newest_purchase_for_update(uow.session, *key)
    if last is not None and last.status == "ordered":
        return await _joined(uow, last, by.subject)
    if not wanted.force:
        if last is not None and last.status == "uncertain":
            raise UncertainPurchaseOpenError(last.purchase_id)
        present = await repository.newest_report(uow.session, *key)
        today = uow.clock.today()
        if present and offer.terms.is_fresh(product, obtained_on=present.obtained_on, today=today):
            return present
    return await _buy(uow, wanted, product, offer, by)


async def _joined(uow: UnitOfWork, purchase: BureauPurchaseRow, asked_by: str) -> Job:
    """Return the job that works on a locked, open purchase, a new one where the last has ended."""
    job = await jobs.find(uow.session, purchase.job_id)
    if job.status in ("queued", "running"):
        return job
    job = await _queue(uow, purchase.purchase_id, asked_by)
    purchase.job_id = job.id
    return job


async def _queue(uow: UnitOfWork, purchase_id: str, asked_by: str) -> Job:
    params = {"purchase_id": purchase_id}
    return await enqueue(uow, prefix="crj", kind=FETCH, requested_by=asked_by, params=params)


async def _buy(uow: UnitOfWork, wanted: Wanted, product: str, offer: Offer, by: Buyer) -> Job:
    today, terms = uow.clock.today(), offer.terms
    first, last = month_of(today)
    spent = await repository.spent_for_update(uow.session, wanted.provider, terms.currency, first=first, last=last)
    ensure_within_cap(wanted.provider, terms, product, spent=spent, may_exceed=wanted.force and by.may_exceed_cap)
    purchase_id = new_id("bpu")
    job = await _queue(uow, purchase_id, by.subject)
    uow.session.add(
        BureauPurchaseRow(
            purchase_id=purchase_id,
            customer_id=wanted.customer_id,
            provider=wanted.provider,
            product=product,
            identifiers=wanted.identifiers,
            status="ordered",
            cost=terms.cost_of(product),
            currency=terms.currency,
            charged=True,
            forced=wanted.force,
            reason=wanted.reason,
            ordered_by=by.subject,
            ordered_at=uow.clock.now(),
            ordered_on=today,
            sent_at=None,
            bureau_reference=None,
            job_id=job.id,
            report_id=None,
            failure_code=None,
            failure=None,
            closed_at=None,
        )
    )
    await uow.session.flush()
    cost = str(Money(terms.cost_of(product), terms.currency).amount)
    said = {"provider": wanted.provider, "product": product, "cost": cost, "currency": terms.currency}
    await _record(uow, wanted.customer_id, "bureau_report.ordered", by.subject, purchase_id, said, wanted.reason)
    return job


async def fetch(
    units: Units, purchase_id: str, *, connectors: Mapping[str, Connector], vault: ReportVault
) -> str | None:
    """Ask the bureau for what was ordered and keep it; return the report's id, None where the bureau is preparing it.

    Each step is a transaction of its own, so that what happened is known whenever the process ends. Raises `BureauError`.
    """
    async with units.begin() as uow:
        purchase = await _open_purchase(uow, purchase_id)
        if purchase.status != "ordered":
            return purchase.report_id
        order = await _order(uow.session, purchase)
        connector = connectors.get(purchase.provider)

    async def sending() -> None:
        async with units.begin() as uow:
            (await _open_purchase(uow, purchase_id)).sent_at = uow.clock.now()

    try:
        if connector is None:
            raise BureauError(BureauNotConfiguredError(purchase.provider).detail)
        answer = await _asked(connector, order, sending)
        if isinstance(answer, InPreparation):
            await _note_reference(units, purchase_id, answer.bureau_reference)
            return None
        return await _keep(units, purchase_id, answer, vault)
    except NotCollectedError as error:
        await _note_reference(units, purchase_id, error.bureau_reference)
        raise
    except BureauError as error:
        await _close_without_report(units, purchase_id, error)
        raise


async def _asked(connector: Connector, order: Order, sending: Sending) -> Delivered | InPreparation:
    try:
        return await connector.fetch(order, sending=sending)
    except UnusableReportError as error:
        raise BureauError(error.detail, charged=True) from error


async def _open_purchase(uow: UnitOfWork, purchase_id: str) -> BureauPurchaseRow:
    purchase = await repository.purchase_for_update(uow.session, purchase_id)
    assert purchase is not None, "a purchase is never deleted"
    return purchase


async def _order(session: AsyncSession, purchase: BureauPurchaseRow) -> Order:
    """Return what is asked for, with the customer as it is now."""
    name, country = await customers.legal_name_and_country(session, purchase.customer_id)
    account = (await credit_accounts.accounts(session, [purchase.customer_id]))[purchase.customer_id]
    return Order(
        reference=purchase.purchase_id,
        product=purchase.product,
        identity=Identity(name, country, purchase.identifiers),
        currency=account.currency,
        sent=purchase.sent_at is not None,
        bureau_reference=purchase.bureau_reference,
    )


async def _note_reference(units: Units, purchase_id: str, bureau_reference: str) -> None:
    async with units.begin() as uow:
        (await _open_purchase(uow, purchase_id)).bureau_reference = bureau_reference


async def _close_without_report(units: Units, purchase_id: str, error: BureauError) -> None:
    async with units.begin() as uow:
        purchase = await _open_purchase(uow, purchase_id)
        if purchase.status != "ordered":
            return
        purchase.status = "uncertain" if error.uncertain else "failed"
        purchase.charged = error.charged
        purchase.failure_code, purchase.failure = error.code, error.detail
        purchase.closed_at = uow.clock.now()
        said = {"status": purchase.status, "failure": error.detail}
        await _record(uow, purchase.customer_id, "bureau_report.not_received", purchase.ordered_by, purchase_id, said)


async def _keep(units: Units, purchase_id: str, answer: Delivered, vault: ReportVault) -> str | None:
    """Store what the bureau delivered; also where the purchase was taken for uncertain meanwhile."""
    async with units.begin() as uow:
        purchase = await _open_purchase(uow, purchase_id)
        if purchase.status not in ("ordered", "uncertain"):
            return purchase.report_id
        try:
            report = ensure_usable(answer.report, today=uow.clock.today())
        except UnusableReportError as error:
            raise BureauError(error.detail, charged=True) from error
        row = await _store(
            uow,
            report,
            answer,
            vault,
            customer_id=purchase.customer_id,
            provider=purchase.provider,
            product=purchase.product,
            purchase_id=purchase_id,
            by=purchase.ordered_by,
        )
        purchase.status, purchase.charged, purchase.report_id = "received", True, row.report_id
        purchase.failure_code = purchase.failure = None
        purchase.closed_at = uow.clock.now()
        return row.report_id


async def add_file(
    uow: UnitOfWork, customer_id: str, answer: Delivered, *, product: str, by: str, vault: ReportVault
) -> BureauReportRow:
    """Keep a report that somebody has as a file; raise `CustomerNotFoundError`, `UnusableReportError`."""
    await credit_accounts.locked_account(uow, customer_id)
    report = ensure_usable(answer.report, today=uow.clock.today())
    return await _store(
        uow,
        report,
        answer,
        vault,
        customer_id=customer_id,
        provider="file",
        product=product,
        purchase_id=None,
        by=by,
    )


async def _store(
    uow: UnitOfWork,
    report: Report,
    answer: Delivered,
    vault: ReportVault,
    *,
    customer_id: str,
    provider: str,
    product: str,
    purchase_id: str | None,
    by: str,
) -> BureauReportRow:
    report_id = new_id("bur")
    figures = vault.seal(_FIGURES.dump_json(report), context=f"{report_id}/figures")
    raw = vault.seal(answer.raw, context=f"{report_id}/raw")
    limit = report.recommended_limit
    row = BureauReportRow(
        report_id=report_id,
        customer_id=customer_id,
        provider=provider,
        product=product,
        purchase_id=purchase_id,
        obtained_by=by,
        obtained_at=uow.clock.now(),
        obtained_on=uow.clock.today(),
        report_date=report.report_date,
        score=report.score.common if report.score else None,
        recommended_limit=limit.amount if limit else None,
        currency=limit.currency if limit else None,
        legal_status=report.legal_status,
        media_type=answer.media_type,
        key_id=figures.key_id,
        figures=figures.content,
        raw=raw.content,
    )
    uow.session.add(row)
    await uow.session.flush()
    said = {
        "provider": provider,
        "product": product,
        "report_date": report.report_date.isoformat(),
        "score": row.score,
        "recommended_limit": str(limit) if limit else None,
    }
    await _record(uow, customer_id, "bureau_report.received", by, report_id, said)
    return row


def _figures_of(row: BureauReportRow, vault: ReportVault) -> Report:
    """Return the figures of a stored report."""
    return _FIGURES.validate_json(vault.open(Sealed(row.key_id, row.figures), context=f"{row.report_id}/figures"))


async def read_report(
    uow: UnitOfWork, customer_id: str, report_id: str, *, by: str, vault: ReportVault
) -> tuple[BureauReportRow, Report, bytes]:
    """Return a report with its figures and as it came, and note who read it; raise `ReportNotFoundError`."""
    row = await repository.find_report(uow.session, customer_id, report_id)
    if row is None:
        raise ReportNotFoundError(report_id)
    raw = vault.open(Sealed(row.key_id, row.raw), context=f"{row.report_id}/raw")
    await note_read(uow, customer_id, by=by, subject=report_id)
    return row, _figures_of(row, vault), raw


async def note_read(uow: UnitOfWork, customer_id: str, *, by: str, subject: str) -> None:
    """Note in the journal who read one report, or the list of all of them."""
    await journal.record_read(uow, customer_id, subject=subject, by=by)


async def _record(
    uow: UnitOfWork,
    customer_id: str,
    kind: str,
    by: str,
    subject: str,
    new: dict[str, Any],
    reason: str | None = None,
) -> None:
    await journal.record(uow, Entry(customer_id, kind, by, subject, new=new, reason=reason))


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[BureauReportSummary]:
    """Return a customer's newest reports for its credit file, with what stands in the clear of them."""
    return [summary(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]


async def latest_scores(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> dict[str, LatestScore]:
    """Return of each customer that has one the report with the latest date not after `as_of`."""
    scores = {}
    for customer_id, report_id, provider, score, amount, currency, day in await repository.latest(
        session, customer_ids, as_of
    ):
        limit = None if amount is None else Money(amount, currency)
        scores[customer_id] = LatestScore(report_id, provider, score, limit, day, (as_of - day).days)
    return scores


async def collect_waiting(uow: UnitOfWork) -> int:
    """Have what bureaus were still preparing, or what could not be read, asked for again; return how many."""
    waiting: Sequence[BureauPurchaseRow] = await repository.waiting_purchases_for_update(uow.session)
    queued = 0
    for purchase in waiting:
        before = purchase.job_id
        queued += (await _joined(uow, purchase, "system")).id != before
    return queued
