"""What can be done with an assessment: make one or many, and repeat one.

The one thing to know: one customer is assessed as a batch of one. Facts are read for all in a few statements, judged one
after the other without any I/O, and written together, while the accounts are locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import json
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.bureau_reports import use_cases as bureau_reports
from credit_service.bureau_reports.domain.report import LatestScore
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account, UnknownCustomerError
from credit_service.credit_accounts.use_cases import AssessedRisk
from credit_service.credit_assessments import repository
from credit_service.credit_assessments.domain.assessment import (
    Assessment,
    AssessmentNotFoundError,
    MethodChoice,
    assess,
)
from credit_service.credit_assessments.domain.facts import AssessmentFacts, BureauFact, InsuranceFact, StatementFact
from credit_service.credit_assessments.schemas import CreditAssessment, shown
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.customers import use_cases as customers
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exchange_rates.domain import Rates
from credit_service.financial_statements import use_cases as financial_statements
from credit_service.financial_statements.domain.figures import Statement
from credit_service.holds import use_cases as holds
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.payment_behaviour import use_cases as payment_behaviour
from credit_service.payment_behaviour.domain import CurrencyRecord, behaviour_of, days_in_window
from credit_service.releases import use_cases as releases
from credit_service.scorecards import use_cases as scorecards
from credit_service.scorecards.domain.scorecard import Scorecard
from credit_service.scorecards.domain.scoring import FactMissingError, NothingToAssessError
from shared.ids import new_id
from shared.money import CurrencyMismatchError
from shared.unit_of_work import UnitOfWork

ASSESS_CUSTOMERS = "credit_assessments.batch"
"""The job that assesses many customers."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How it is to be assessed. `statement` and `expected_purchases`, in `currency`, come with the request of one customer."""

    as_of: date
    scorecard: Scorecard
    method: MethodChoice
    requested_by: str
    statement: StatementFact | None = None
    expected_purchases: Decimal | None = None
    currency: str | None = None
    dry_run: bool = False
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A customer that could not be assessed, and why."""

    customer_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What an assessment comes to now, on the facts and the scorecard version it was made with."""

    customer_id: str
    outcome: dict[str, Any]
    identical: bool


async def assess_customer(uow: UnitOfWork, customer_id: str, wish: Wish) -> dict[str, Any]:
    """Assess one customer and return the row; a dry run changes nothing and has no id.

    Score, class and review date are the account's at once, unless a later day was assessed before. Raises
    `UnknownCustomerError`, `CurrencyMismatchError`, and what `assess` raises.
    """
    accounts = await credit_accounts.locked_accounts(uow, [customer_id])
    if customer_id not in accounts:
        raise UnknownCustomerError(customer_id)
    account = accounts[customer_id]
    if wish.currency is not None and wish.currency != account.currency:
        raise CurrencyMismatchError(account.currency, wish.currency)
    facts = (await _facts(uow.session, accounts, wish))[customer_id]
    row = _row(uow, facts, assess(facts, wish.scorecard.content, wish.method), wish)
    if wish.dry_run:
        return row | {"assessment_id": None}
    return (await _keep(uow, accounts, [row], by=wish.requested_by))[0]


async def assess_chunk(uow: UnitOfWork, customer_ids: Sequence[str], wish: Wish) -> list[Refusal]:
    """Assess customers for a job, those left out that it has assessed before; return those that cannot be."""
    assert wish.job_id is not None, "a job remembers whom it has assessed"
    accounts = await credit_accounts.locked_accounts(uow, customer_ids)
    refused = [
        Refusal(each, UnknownCustomerError.code, f"There is no customer {each}.")
        for each in customer_ids
        if each not in accounts
    ]
    # Under the locks: another worker that took the job over may have got here first.
    for customer_id in await repository.done(uow.session, wish.job_id, customer_ids):
        del accounts[customer_id]
    facts = await _facts(uow.session, accounts, wish)
    rows = []
    for customer_id in accounts:
        try:
            judged = assess(facts[customer_id], wish.scorecard.content, wish.method)
        except (FactMissingError, NothingToAssessError) as refusal:
            refused.append(Refusal(customer_id, refusal.code, refusal.detail))
        else:
            rows.append(_row(uow, facts[customer_id], judged, wish))
    if rows:
        await _keep(uow, accounts, rows, by=wish.requested_by)
    return refused


async def replay(session: AsyncSession, assessment_id: str) -> Replayed:
    """Assess again on the stored facts by the stored version of the scorecard; raise `AssessmentNotFoundError`."""
    row = await repository.find(session, assessment_id)
    if row is None:
        raise AssessmentNotFoundError(assessment_id)
    scorecard = await scorecards.scorecard_of_version(session, row.scorecard_id, row.scorecard_version)
    facts = AssessmentFacts.model_validate(row.inputs)
    outcome = written(assess(facts, scorecard.content, row.method))  # type: ignore[arg-type]
    return Replayed(row.customer_id, outcome, identical=outcome == row.outcome)


async def tally(session: AsyncSession, job_id: str) -> dict[str, Any]:
    """Return what a job has assessed: how many in all, taken over by their accounts, and by risk class."""
    by_class = await repository.tally(session, job_id)
    return {
        "assessed": sum(count for _, count, _ in by_class),
        "applied": sum(applied for *_, applied in by_class),
        "by_class": {risk_class: count for risk_class, count, _ in by_class},
    }


def written(assessment: Assessment) -> dict[str, Any]:
    """Return an assessment as it is stored and compared: JSON with decimals as strings."""
    written: dict[str, Any] = json.decode(json.encode(assessment))
    return written


def _row(uow: UnitOfWork, facts: AssessmentFacts, judged: Assessment, wish: Wish) -> dict[str, Any]:
    return {
        "assessment_id": new_id("cas"),
        "customer_id": facts.customer_id,
        "as_of": wish.as_of,
        "scorecard_id": wish.scorecard.scorecard_id,
        "scorecard_version": wish.scorecard.version,
        "method": wish.method,
        "score": judged.score,
        "risk_class": judged.risk_class,
        "recommended_limit": judged.recommended_limit,
        "currency": facts.currency,
        "applied": False,
        "inputs": facts.model_dump(mode="json"),
        "outcome": written(judged),
        "requested_by": wish.requested_by,
        "created_at": uow.clock.now(),
        "job_id": wish.job_id,
    }


async def _keep(
    uow: UnitOfWork, accounts: dict[str, Account], rows: Sequence[dict[str, Any]], *, by: str
) -> list[dict[str, Any]]:
    """Store assessments, give their accounts what they came to, and look again at what is held."""
    latest = await repository.latest_applied(uow.session, [row["customer_id"] for row in rows])
    kept = [row | {"applied": row["as_of"] >= latest.get(row["customer_id"], row["as_of"])} for row in rows]
    await repository.add(uow.session, kept)
    risks = [(accounts[row["customer_id"]], _risk(row)) for row in kept if row["applied"]]
    changed = [account.customer_id for account in await credit_accounts.take_assessed(uow, risks)]
    await journal.record_all(uow, [_entry(accounts[row["customer_id"]], row, by) for row in kept])
    held = await holds.customers_held(uow, changed) if changed else []
    for account in (await credit_accounts.locked_accounts(uow, held)).values():
        await releases.recheck(uow, account)
    return kept


def _risk(row: dict[str, Any]) -> AssessedRisk:
    return AssessedRisk(row["score"], row["risk_class"], date.fromisoformat(row["outcome"]["next_review_on"]))


def _entry(account: Account, row: dict[str, Any], by: str) -> Entry:
    """Return what the journal says of an assessment: old and new values of what the account took over, if it did."""
    old = {"score": account.score, "risk_class": account.risk_class, "next_review_on": account.next_review_on}
    new = {"score": row["score"], "risk_class": row["risk_class"], "next_review_on": row["outcome"]["next_review_on"]}
    if not row["applied"]:
        return Entry(
            account.customer_id,
            "credit_assessment.filed",
            by,
            subject=row["assessment_id"],
            reason="a later day was assessed before",
        )
    return Entry(account.customer_id, "credit_assessment.applied", by, subject=row["assessment_id"], old=old, new=new)


async def _facts(session: AsyncSession, accounts: dict[str, Account], wish: Wish) -> dict[str, AssessmentFacts]:
    """Read what is known of these customers on the day, whatever their number in a few statements."""
    ids, day = list(accounts), wish.as_of
    countries = await customers.countries(session, ids)
    statements = await financial_statements.latest_statements(session, ids, day)
    records = await payment_behaviour.records_of(session, ids, day)
    reports = await bureau_reports.latest_scores(session, ids, day)
    rates = await exchange_rates.rates_of(session, day)
    facts = {}
    for customer_id, account in accounts.items():
        found = Found(
            country=countries[customer_id],
            statement=wish.statement or _statement(statements.get(customer_id)),
            records=records.get(customer_id, []),
            report=reports.get(customer_id),
        )
        facts[customer_id] = _facts_of(account, found, rates, wish)
    return facts


@dataclass(frozen=True, slots=True)
class Found:
    """What other capabilities know of a customer."""

    country: str
    statement: StatementFact | None
    records: Sequence[CurrencyRecord]
    report: LatestScore | None

    @property
    def currencies(self) -> list[str]:
        """The currencies in which something of it stands."""
        limit = self.report.recommended_limit if self.report else None
        others = [self.statement.currency] if self.statement else []
        return sorted({*others, *(one.currency for one in self.records), *([limit.currency] if limit else [])})


def _facts_of(account: Account, found: Found, rates: Rates, wish: Wish) -> AssessmentFacts:
    day, cover = wish.as_of, account.cover
    known = {
        currency: rate
        for currency in found.currencies
        if (rate := rates.between(currency, account.currency)) is not None
    }
    insured = cover.insured > 0 and (cover.valid_until is None or cover.valid_until >= day)
    return AssessmentFacts(
        customer_id=account.customer_id,
        as_of=day,
        currency=account.currency,
        country=found.country,
        statement=found.statement,
        behaviour=behaviour_of(found.records, known, account.currency) if found.records else None,
        broken_promises=days_in_window(account.broken_promises, day),
        returned_payments=days_in_window(account.returned_payments, day),
        bureau=_bureau(found.report),
        insurance=InsuranceFact(insured_amount=cover.insured, valid_until=cover.valid_until) if insured else None,
        exposure=account.exposure.total,
        expected_purchases=wish.expected_purchases,
        rates=known,
    )


def _bureau(report: LatestScore | None) -> BureauFact | None:
    if report is None:
        return None
    limit = report.recommended_limit
    return BureauFact(
        report_id=report.report_id,
        bureau=report.provider,
        reported_on=report.report_date,
        score=None if report.score is None else Decimal(report.score),
        recommended_limit=limit.amount if limit else None,
        currency=limit.currency if limit else None,
    )


def statement_fact(statement: Statement, statement_id: str | None) -> StatementFact:
    """Return a statement as an assessment sees it."""
    return StatementFact(
        statement_id=statement_id,
        period_end=statement.period_end,
        currency=statement.currency,
        units=statement.units,
        audited=statement.audited,
        source=statement.source,
        figures=statement.figures,
    )


def _statement(found: tuple[str, Statement] | None) -> StatementFact | None:
    return statement_fact(found[1], found[0]) if found else None


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[CreditAssessment]:
    """Return a customer's newest assessments for its credit file."""
    newest = repository.newest(customer_id, count=SHOWN_MAX)
    return [shown(row.model_dump()) for row in await session.scalars(newest)]
