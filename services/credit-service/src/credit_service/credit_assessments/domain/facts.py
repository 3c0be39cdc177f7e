"""What an assessment sees. Stored with it, so that it can be replayed: same facts and scorecard version, same answer."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from credit_service.financial_statements.domain.figures import FACTOR_OF_UNIT, Figures, Unit
from credit_service.payment_behaviour.domain import PaymentBehaviour


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True)


class StatementFact(_Fact):
    """The statement that counts; `statement_id` is None for one that came with the request."""

    statement_id: str | None
    period_end: date
    currency: str
    units: Unit
    audited: bool
    source: str
    figures: Figures

    def amount(self, figure: str) -> Decimal | None:
        """Return a figure in ones of the statement's currency."""
        value: Decimal | None = getattr(self.figures, figure)
        return None if value is None else value * FACTOR_OF_UNIT[self.units]


class BureauFact(_Fact):
    """The newest bureau report: its score from 0 (worst) to 100 (best), and the limit it recommends."""

    report_id: str
    bureau: str
    reported_on: date
    score: Decimal | None
    recommended_limit: Decimal | None
    currency: str | None


class InsuranceFact(_Fact):
    """The insured limit that holds on the day, in the account's currency."""

    insured_amount: Decimal
    valid_until: date | None


class AssessmentFacts(_Fact):
    """A customer on one day. Amounts are in the account's `currency` but where a currency stands beside them.

    `broken_promises` and `returned_payments` are those of the 365 days up to `as_of`; `rates` lead from other currencies to the
    account's; `expected_purchases` are those of a year, as whoever asked for the assessment expects them.
    """

    customer_id: str
    as_of: date
    currency: str
    country: str
    statement: StatementFact | None = None
    behaviour: PaymentBehaviour | None = None
    broken_promises: int = 0
    returned_payments: int = 0
    bureau: BureauFact | None = None
    insurance: InsuranceFact | None = None
    exposure: Decimal = Decimal(0)
    expected_purchases: Decimal | None = None
    rates: Mapping[str, Decimal] = {}

    def rate_from(self, currency: str | None) -> Decimal | None:
        """Return the rate from a currency to the account's, None where there is none."""
        return Decimal(1) if currency == self.currency else self.rates.get(currency or "")
