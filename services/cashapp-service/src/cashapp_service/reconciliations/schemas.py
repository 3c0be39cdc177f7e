"""Shapes of cash reconciliations on the wire."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.reconciliations.domain import Cause, CauseKind, Reconciliation, State
from shared.money import Amount, exact


class DifferenceFact(BaseModel):
    """One fact behind a cause."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "ste_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "on": "2026-10-20",
                    "value_date": "2026-10-20",
                    "amount": "-35.00",
                    "receipt_id": None,
                    "statement_id": "stm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "text": "Fees",
                    "days": 11,
                }
            ]
        }
    )

    id: str = Field(description="The statement entry, the posting, or the statement")
    on: date = Field(description="YYYY-MM-DD, on which bank or books have it")
    value_date: date | None = Field(description="YYYY-MM-DD, the bank's; null for a statement")
    amount: Amount = Field(description="What it adds to the difference, in the account's currency")
    receipt_id: str | None = Field(description="The receipt behind it")
    statement_id: str | None = Field(description="The statement that shows it")
    text: str | None = Field(description="Who paid or was paid, and what for")
    days: int = Field(description="Its age at the end of the period, in days")


class DifferenceCause(BaseModel):
    """A cause of the difference between bank and books."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "bank_debit_not_booked",
                    "amount": "-35.00",
                    "count": 1,
                    "detail": "A debit of the bank: it stays an entry of the statement and is not booked in this ledger.",
                    "listed": [],
                }
            ]
        }
    )

    kind: CauseKind = Field(description="What it is")
    amount: Amount | None = Field(
        description="What it adds to the difference, in the account's currency; null where nobody can know"
    )
    count: int = Field(description="How many facts are behind it")
    detail: str = Field(description="What it means, and what to do where something is to be done")
    listed: list[DifferenceFact] = Field(description="The facts, at most 200; count and amount are of all")


class CashReconciliation(BaseModel):
    """A house bank account at the end of a period: what the bank says, what the ledger says, and why they differ.

    Difference = the causes' amounts + unexplained, to the cent. The book balances of all accounts add up to the ledger's cash.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "company_code": "1000",
                    "account": "DE89370400440532013000",
                    "name": "Current account",
                    "currency": "EUR",
                    "ledger_account": "1810",
                    "bank_balance": "1155.00",
                    "bank_balance_on": "2026-10-30",
                    "statement_id": "stm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "statement_number": "210/1",
                    "book_balance": "1190.00",
                    "difference": "-35.00",
                    "in_transit": "0.00",
                    "unexplained": "0.00",
                    "state": "explained",
                    "causes": [],
                }
            ]
        }
    )

    company_code: str = Field(description="The company of the ledger")
    account: str | None = Field(
        description="House bank account; null for cash in the ledger that none is known for, which stands in a row of its own"
    )
    name: str | None = Field(description="For people to tell it by")
    currency: str = Field(description="ISO 4217 code; all amounts are in it")
    ledger_account: str = Field(description="Account of the ledger that its money is posted to")
    bank_balance: Amount | None = Field(description="As a statement says it; null where none does")
    bank_balance_on: date | None = Field(description="YYYY-MM-DD, for which the statement says it")
    statement_id: str | None = Field(description="The statement that says it")
    statement_number: str | None = Field(description="The bank's number of that statement")
    book_balance: Amount = Field(
        description="All postings to cash up to the last day: of receipts that its statements brought, and all others on its"
        " ledger account where it is the only house bank account that has it"
    )
    difference: Amount | None = Field(description="Bank balance less book balance; null without a bank balance")
    in_transit: Amount = Field(description="The part of the difference that the next statements or postings clear")
    unexplained: Amount | None = Field(description="The part that no cause accounts for; null without a bank balance")
    state: State = Field(
        description="`reconciled`: no difference; `explained`: every cent has its cause and the period's statements are whole;"
        " `open`; `unused`: neither statements nor postings"
    )
    causes: list[DifferenceCause] = Field(description="Why bank and books differ")


class CashReconciliations(BaseModel):
    """The cash reconciliation of a period."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"period": "2026-10", "as_of": "2026-10-31", "data": []}]}
    )

    period: str = Field(description="Year and month")
    as_of: date = Field(description="Its last day, which counts")
    data: list[CashReconciliation] = Field(description="One per house bank account")


def shown(one: Reconciliation) -> CashReconciliation:
    """Return a reconciliation on the wire."""

    def in_its_currency(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else exact(amount, one.currency)

    return CashReconciliation(
        company_code=one.company_code,
        account=one.account,
        name=one.name,
        currency=one.currency,
        ledger_account=one.ledger_account,
        bank_balance=in_its_currency(one.bank.amount if one.bank else None),
        bank_balance_on=one.bank.on if one.bank else None,
        statement_id=one.bank.statement_id if one.bank else None,
        statement_number=one.bank.number if one.bank else None,
        book_balance=exact(one.book_balance, one.currency),
        difference=in_its_currency(one.difference),
        in_transit=exact(one.in_transit, one.currency),
        unexplained=in_its_currency(one.unexplained),
        state=one.state,
        causes=[_cause(cause, one.currency) for cause in one.causes],
    )


def _cause(cause: Cause, currency: str) -> DifferenceCause:
    return DifferenceCause(
        kind=cause.kind,
        amount=None if cause.amount is None else exact(cause.amount, currency),
        count=cause.count,
        detail=cause.detail,
        listed=[
            DifferenceFact.model_validate(asdict(fact) | {"amount": exact(fact.amount, currency)})
            for fact in cause.listed
        ],
    )
