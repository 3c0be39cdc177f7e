"""Importing bank statements: each credit that is not known yet becomes a receipt, matched and applied where that is sure.

The one thing to know: a whole file is one transaction, under the locks of its house bank accounts. Entries, receipts,
applications and postings are written set-based at its end.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications import use_cases as applications
from cashapp_service.applications.domain.allocation import carried
from cashapp_service.applications.domain.decision import Decision, Recorder, decision_of
from cashapp_service.applications.domain.plan import Plan, Terms
from cashapp_service.bank_accounts import use_cases as bank_accounts
from cashapp_service.bank_accounts.domain import BankAccount, normalised
from cashapp_service.bank_statements import repository
from cashapp_service.bank_statements.domain import BankStatement, ParsedFile, StatementEntry
from cashapp_service.bank_statements.domain.known_entries import (
    Continuity,
    StoredEntry,
    balances_before,
    continuity,
    fingerprint,
    is_no_reference,
    known_entries,
)
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE, Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account, LawVerdict
from cashapp_service.matching.use_cases import BREATH, FileMatcher, Rules
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt, ReceiptMethod, receipt_entry
from shared.errors import InvalidError
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork

Progress = Callable[[int, int], Awaitable[None]]


class UnknownBankAccountError(InvalidError):
    """The file has statements of accounts that are not house bank accounts."""

    code = "unknown_bank_account"

    def __init__(self, accounts: Sequence[str]) -> None:
        names = ", ".join(accounts)
        super().__init__(
            f"No house bank account is {names}: make it known with PUT /v1/bank-accounts/{{account}},"
            " or import with create_accounts=true.",
            field="file",
        )


class StatementCurrencyError(InvalidError):
    """A statement is in another currency than its account."""

    code = "statement_currency"

    def __init__(self, statement: BankStatement, account: BankAccount) -> None:
        super().__init__(
            f"Account {statement.account} is kept in {account.currency}, its statement {statement.number} is in"
            f" {statement.currency}: nothing of the file was taken.",
            field="file",
        )


@dataclass(slots=True)
class Taken:
    """What is being taken from a file: receipts to come, entries to be written, and the report."""

    receipts: list[Receipt] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stored: dict[str, list[StoredEntry]] = field(default_factory=lambda: defaultdict(list))
    """By account: the entries of this file's statements so far, which are not written yet."""


async def import_statements(
    uow: UnitOfWork,
    parsed: ParsedFile,
    *,
    import_id: str,
    create_accounts: bool,
    recorder: Recorder,
    progress: Progress,
) -> dict[str, Any]:
    """Take a file's statements and return the report.

    Raises `UnknownBankAccountError` and `StatementCurrencyError`; then nothing is taken.
    """
    accounts = await _accounts(uow, parsed.statements, create=create_accounts)
    taken = Taken()
    for statement in parsed.statements:
        await _take(uow, statement, accounts[normalised(statement.account)], import_id, taken)
    applied = await _receive(uow, taken, recorder, progress)
    await repository.insert_entries(uow.session, taken.entries)
    unidentified = sum(1 for receipt in taken.receipts if receipt.customer_id is None)
    return {
        "format": parsed.format.value,
        "lines": taken.counts["lines"] + len(parsed.errors),
        "created": taken.counts["created"],
        "duplicates": taken.counts["duplicates"],
        "rejected": len(parsed.errors),
        "auto_applied": applied,
        "unapplied": len(taken.receipts) - applied - unidentified,
        "unidentified": unidentified,
        "statements": taken.statements,
    }


async def _accounts(uow: UnitOfWork, statements: Sequence[BankStatement], *, create: bool) -> dict[str, BankAccount]:
    first = {normalised(statement.account): statement for statement in reversed(statements)}
    missing = [
        BankAccount(account, statement.currency, DEFAULT_COMPANY_CODE, Account.CASH.value)
        for account, statement in first.items()
    ]
    found = await bank_accounts.locked(uow, first.keys(), create=missing if create else ())
    unknown = sorted({one.account for account, one in first.items() if account not in found})
    if unknown:
        raise UnknownBankAccountError(unknown)
    for statement in statements:
        account = found[normalised(statement.account)]
        if account.currency != statement.currency:
            raise StatementCurrencyError(statement, account)
    return found


async def _take(uow: UnitOfWork, statement: BankStatement, account: BankAccount, import_id: str, taken: Taken) -> None:
    """Take one statement: its entries that are not known become receipts to come."""
    print_ = fingerprint(statement)
    taken.counts["lines"] += len(statement.entries)
    same = await repository.find_by_fingerprint(uow.session, account=account.account, fingerprint=print_)
    if same is not None:
        taken.counts["duplicates"] += len(statement.entries)
        taken.statements.append(_report(statement, same.statement_id, Continuity("known"), created=0))
        return
    before = await repository.stored_statements(uow.session, account.account)
    stored = await repository.stored_entries(uow.session, account=account.account, entries=statement.entries)
    known = known_entries(statement, before, [*stored, *taken.stored[account.account]])
    following = continuity(statement, before, known=len(known))
    statement_id = new_id("stm")
    await repository.insert_statement(
        uow.session,
        statement,
        statement_id=statement_id,
        import_id=import_id,
        account=account.account,
        continuity=following.kind,
        fingerprint=print_,
        at=uow.clock.now(),
    )
    _take_entries(statement, statement_id, account, known, taken)
    taken.statements.append(_report(statement, statement_id, following, created=len(statement.entries) - len(known)))


def _take_entries(
    statement: BankStatement,
    statement_id: str,
    account: BankAccount,
    known: Mapping[int, StoredEntry],
    taken: Taken,
) -> None:
    for entry, balance in zip(statement.entries, balances_before(statement), strict=True):
        earlier = known.get(entry.position)
        receipt = receipt_of(entry, account) if earlier is None and entry.amount > 0 else None
        entry_id = new_id("ste")
        receipt_id = earlier.receipt_id if earlier else receipt.receipt_id if receipt else None
        taken.entries.append(
            repository.entry_columns(entry)
            | {
                "entry_id": entry_id,
                "statement_id": statement_id,
                "account": account.account,
                "balance_before": balance,
                "known_as": earlier.entry_id if earlier else None,
                "receipt_id": receipt_id,
            }
        )
        if earlier is None:
            taken.stored[account.account].append(StoredEntry(entry_id, statement_id, entry, balance, receipt_id))
        if receipt:
            taken.receipts.append(receipt)
    taken.counts["created"] += len(statement.entries) - len(known)
    taken.counts["duplicates"] += len(known)


def _report(statement: BankStatement, statement_id: str, following: Continuity, *, created: int) -> dict[str, Any]:
    return {
        "id": statement_id,
        "account": statement.account,
        "number": statement.number,
        "entries": len(statement.entries),
        "created": created,
        "duplicates": len(statement.entries) - created,
        "proved": statement.proved,
        "continuity": following.kind,
        "detail": following.detail,
    }


def receipt_of(entry: StatementEntry, account: BankAccount) -> Receipt:
    """Return the receipt that a credit of a statement makes, not posted yet."""
    reference = entry.customer_reference
    return Receipt(
        receipt_id=new_id("rcp"),
        method=_method(entry.transaction_code or ""),
        company_code=account.company_code,
        customer_id=None,
        amount=entry.amount,
        currency=entry.currency,
        value_date=entry.value_date,
        postable_from=entry.value_date,
        ledger_account=account.ledger_account,
        payer_name=entry.payer_name[:400] if entry.payer_name else None,
        payer_account=entry.payer_account[:64] if entry.payer_account else None,
        reference=None if is_no_reference(reference) else reference,
        bank_reference=entry.bank_reference[:200] if entry.bank_reference else None,
        purpose=entry.purpose,
    )


def _method(transaction_code: str) -> ReceiptMethod:
    """Return how money came in, from the bank's code: SWIFT's three letters or an ISO 20022 family."""
    if "CHK" in transaction_code or "CHQ" in transaction_code:
        return "cheque"
    if "DDT" in transaction_code:
        return "direct_debit"
    return "wire"


@dataclass(slots=True)
class Decided:
    """What matching made of the receipts: the evidence, the plans that are sure, and their items as they were read."""

    matches: dict[str, dict[str, Any]] = field(default_factory=dict)
    plans: dict[str, tuple[Decision, Plan]] = field(default_factory=dict)
    read: dict[str, Item] = field(default_factory=dict)


async def _receive(uow: UnitOfWork, taken: Taken, recorder: Recorder, progress: Progress) -> int:
    """Post the receipts, apply those that matching is sure of, and return how many were applied."""
    matchers: dict[str, FileMatcher] = {}
    decided = Decided()
    taken.receipts = await receipts.dated(uow, taken.receipts)
    in_order = sorted(range(len(taken.receipts)), key=lambda index: taken.receipts[index].value_date)
    for done, index in enumerate(in_order):
        if done % BREATH == 0:
            await progress(done, len(in_order))
        company_code = taken.receipts[index].company_code
        if company_code not in matchers:
            matchers[company_code] = await FileMatcher.load(
                uow.session,
                [one for one in taken.receipts if one.company_code == company_code],
                company_code=company_code,
                rules=Rules(recorder.policy, recorder.roles),
            )
        taken.receipts[index] = _match(taken.receipts[index], matchers[company_code], decided)
    received, entries = await receipts.receive(uow, taken.receipts, source="bank_file", matches=decided.matches)
    await ledger.post(uow, entries)
    return await _apply(uow, received, decided, recorder)


def _match(receipt: Receipt, matcher: FileMatcher, decided: Decided) -> Receipt:
    """Return a receipt with its customer, where that is sure; plan its application where that is sure too."""
    found = matcher.match(receipt)
    receipt = replace(receipt, customer_id=found.customer_id)
    if found.shown:
        decided.matches[receipt.receipt_id] = found.shown
    if found.best is None or not found.best.automatic:
        return receipt
    decision = decision_of(found.best)
    concerned = {one.item_id: matcher.item(one.item_id) for one in decision.wanted}
    posted = receipt.after(receipt_entry(receipt))
    terms = Terms(policy=matcher.policy(receipt), pays_for=matcher.pays_for(receipt))
    plan = applications.plan_or_leave(posted, concerned, decision, terms)
    if plan is not None:
        decided.plans[receipt.receipt_id] = (decision, plan)
        for item_id, item in concerned.items():
            decided.read.setdefault(item_id, item)
        for item in carried(concerned, plan.allocations).values():
            matcher.changed(item)
        for line in plan.entry.receivable_lines:
            assert line.item_id is not None
            matcher.changed(matcher.item(line.item_id).after(line, plan.posting_date))
    return receipt


async def _apply(uow: UnitOfWork, received: Sequence[Receipt], decided: Decided, recorder: Recorder) -> int:
    """Carry out the plans whose items have not changed since they were read; the others wait for a person."""
    locked = await items.locked(uow, decided.read.keys())
    stale = {item_id for item_id, item in decided.read.items() if locked[item_id].version != item.version}
    plans = []
    for receipt in received:
        if receipt.receipt_id in decided.plans:
            decision, plan = decided.plans[receipt.receipt_id]
            if not stale & {one.item_id for one in plan.allocations}:
                plans.append((applications.tell_applied(uow, receipt, plan), plan, decision.method))
    await receipts.record(uow, [receipt for receipt, _, _ in plans])
    if plans:
        await applications.post_plans(uow, locked, plans, recorder)
    return len(plans)


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of bank statements."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
