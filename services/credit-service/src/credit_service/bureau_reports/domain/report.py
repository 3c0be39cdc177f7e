"""A bureau's statement about a company in one normal form.

The one thing to know: every score is mapped to a common scale on which 0 is the worst and 100 the best. The map is linear
between the worst and the best value of the bureau's own scale, which is kept beside it; what a bureau does not say stays unsaid.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from shared.errors import InvalidError
from shared.money import AMOUNT_DIGITS_MAX, Money, UnknownCurrencyError, rounded

Provider = Literal["coface", "dun_bradstreet", "file"]
LegalStatus = Literal["active", "inactive", "insolvent", "unknown"]

OLDEST_YEARS = 30
_HUNDRED = Decimal(100)


class UnusableReportError(InvalidError):
    """A report says what cannot be."""

    code = "unusable_report"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(f"The report cannot be used: {detail}", field=field)


@dataclass(frozen=True, slots=True)
class Score:
    """A value on a bureau's own scale, which leads from `worst` to `best` whichever is the greater number."""

    name: str
    value: Decimal
    worst: Decimal
    best: Decimal

    @property
    def common(self) -> int:
        """The score on the common scale: 0 is the worst, 100 the best."""
        share = (self.value - self.worst) / (self.best - self.worst)
        return int((share * _HUNDRED).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Report:
    """What a bureau says of a company. `report_date` is the day as of which it says so, `date.min` where it names none."""

    report_date: date
    company_name: str | None = None
    country: str | None = None
    company_ids: dict[str, str] = field(default_factory=dict)
    score: Score | None = None
    rating: str | None = None
    failure_probability_pct: Decimal | None = None
    recommended_limit: Money | None = None
    legal_status: LegalStatus = "unknown"
    legal_status_text: str | None = None
    payment_index: Score | None = None


def limit_of(amount: Decimal | int | None, currency: str | None) -> Money | None:
    """Return a recommended limit, rounded to its currency; raise `UnusableReportError` for what is no amount of money."""
    if amount is None:
        return None
    if currency is None:
        raise UnusableReportError("it recommends a limit without a currency.", field="currency")
    exact = Decimal(amount)
    if not exact.is_finite() or exact < 0 or exact.adjusted() >= AMOUNT_DIGITS_MAX:
        raise UnusableReportError("its recommended limit is no amount of money.", field="recommended_limit")
    try:
        return Money(rounded(exact, currency), currency)
    except UnknownCurrencyError:
        raise UnusableReportError(f"{currency[:20]!r} is no ISO 4217 currency.", field="currency") from None


def ensure_usable(report: Report, *, today: date) -> Report:
    """Return a report that says something and nothing impossible; raise `UnusableReportError`."""
    for name, score in (("score", report.score), ("payment_index", report.payment_index)):
        if score is not None:
            _ensure_on_scale(name, score)
    probability = report.failure_probability_pct
    if probability is not None and not (probability.is_finite() and 0 <= probability <= _HUNDRED):
        raise UnusableReportError("its probability of failure is not from 0 to 100 %.", field="failure_probability_pct")
    if report.report_date == date.min:
        raise UnusableReportError("it has no date.", field="report_date")
    # A bureau in another time zone may be a day ahead.
    if report.report_date > today + timedelta(days=1):
        raise UnusableReportError(f"its date {report.report_date} is still to come.", field="report_date")
    if report.report_date.year < today.year - OLDEST_YEARS:
        raise UnusableReportError(f"its date {report.report_date} is too long ago.", field="report_date")
    if report.score is None and report.recommended_limit is None and report.failure_probability_pct is None:
        raise UnusableReportError("it has neither a score nor a probability of failure nor a recommended limit.")
    return report


def _ensure_on_scale(name: str, score: Score) -> None:
    numbers = (score.value, score.worst, score.best)
    if not all(number.is_finite() for number in numbers) or score.worst == score.best:
        raise UnusableReportError(f"its {name} has no scale.", field=name)
    if not min(score.worst, score.best) <= score.value <= max(score.worst, score.best):
        scale = f"from {score.worst} (worst) to {score.best} (best)"
        raise UnusableReportError(f"its {name} {score.value} is not on the scale {scale}.", field=name)


@dataclass(frozen=True, slots=True)
class LatestScore:
    """What the newest report of a customer says, for an assessment as of a day.

    `score` is on the common scale; `recommended_limit` is in the bureau's currency; `age_days` counts from the report's date.
    """

    report_id: str
    provider: Provider
    score: int | None
    recommended_limit: Money | None
    report_date: date
    age_days: int
