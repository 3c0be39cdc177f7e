"""Payment terms: when an invoice is due, and what may be deducted by whoever pays early.

The one thing to know: "eom" counts from the end of the month of issue, so "net 45 eom" is 45 days after it and
"10 eom" the tenth of the following month. Discount days always count from the day of issue. Prepayment is the strictest:
what is invoiced under it is due at once.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from shared.errors import InvalidError
from shared.money import Money, rounded

DAYS_MAX = 730
_DUE_ON_RECEIPT = re.compile(r"(?:due (?:up)?on receipt|immediate(?:ly)?|net 0)")
_PREPAYMENT = re.compile(r"(?:pre-?payment|prepaid|(?:cash|payment) in advance)")
_TIER = r"[0-9]{1,2}(?:\.[0-9]{1,3})? ?%? ?/ ?[0-9]{1,4}"
_NET = r"(?:n(?:et)? ?/? ?)?(?P<days>[0-9]{1,4})(?: days?)?(?P<eom> eom)?|(?P<bare>eom)"
_TERMS = re.compile(rf"(?P<tiers>(?:{_TIER} )*)(?:{_NET})")
_EXAMPLES = '"net 30", "net 45 eom", "10 eom", "2/10 net 30", "due on receipt" or "prepayment"'
_TO_END_OF_MONTH = Decimal(5373) / 365
"""Days from a day of a common year to the end of its month, on average."""


class InvalidPaymentTermsError(InvalidError):
    """The text states no payment terms that can be reckoned with."""

    code = "invalid_payment_terms"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"Payment terms {text[:60]!r}: {reason}. Write them as {_EXAMPLES}.", field="payment_terms")
        self.text = text


@dataclass(frozen=True, slots=True)
class DiscountTier:
    """`rate_pct` per cent off when paid within `days` days of issue, the last day included."""

    rate_pct: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Due `net_days` after issue, or after the end of the month of issue; discounts from the highest to the lowest."""

    net_days: int
    end_of_month: bool = False
    discounts: tuple[DiscountTier, ...] = ()
    prepayment: bool = False

    @classmethod
    def parse(cls, text: str) -> "PaymentTerms":
        """Return the terms that `text` states; raise `InvalidPaymentTermsError`, which names the remedy."""
        words = re.sub(r"[\s,;]+", " ", text).strip().lower()
        if _DUE_ON_RECEIPT.fullmatch(words):
            return cls(0)
        if _PREPAYMENT.fullmatch(words):
            return cls(0, prepayment=True)
        stated = _TERMS.fullmatch(words)
        # A bare number is no terms: "30" may be days or a day of the month.
        if stated is None or words.isdigit():
            raise InvalidPaymentTermsError(text, "they cannot be read")
        terms = cls(
            net_days=int(stated["days"] or 0),
            end_of_month=bool(stated["eom"] or stated["bare"]),
            discounts=tuple(
                DiscountTier(Decimal(rate), int(days))
                for rate, days in re.findall(r"([0-9.]+) ?%? ?/ ?([0-9]+)", stated["tiers"])
            ),
        )
        if fault := terms._fault():
            raise InvalidPaymentTermsError(text, fault)
        return terms

    def _fault(self) -> str | None:
        if self.net_days > DAYS_MAX:
            return f"at most {DAYS_MAX} days are granted"
        if any(tier.rate_pct == 0 for tier in self.discounts):
            return "a discount of 0 % is none"
        if any(later.days <= tier.days or later.rate_pct >= tier.rate_pct for tier, later in pairwise(self.discounts)):
            return "a later discount must be lower than the one before it"
        if self.discounts and not self.end_of_month and self.discounts[-1].days > self.net_days:
            return "a discount cannot run longer than the invoice"
        return None

    def __str__(self) -> str:
        if self.prepayment:
            return "prepayment"
        tiers = "".join(f"{tier.rate_pct.normalize():f}/{tier.days} " for tier in self.discounts)
        if not self.end_of_month and not self.net_days and not tiers:
            return "due on receipt"
        return f"{tiers}net {self.net_days}{' eom' if self.end_of_month else ''}"

    @property
    def average_due_days(self) -> Decimal:
        """After how many days an invoice is due, over all days of issue; prepayment is before the day of issue."""
        if self.prepayment:
            return Decimal(-1)
        return self.net_days + (_TO_END_OF_MONTH if self.end_of_month else Decimal(0))

    def discount_pct(self, days: int) -> Decimal:
        """Return the per cent off for whoever pays `days` days after issue."""
        return next((tier.rate_pct for tier in self.discounts if days <= tier.days), Decimal(0))

    def is_better_than(self, agreed: "PaymentTerms") -> bool:
        """Tell whether a customer would gain by these terms in any respect: due later, or a larger or longer discount."""
        if self.average_due_days > agreed.average_due_days:
            return True
        return any(tier.rate_pct > agreed.discount_pct(tier.days) for tier in self.discounts)

    def due_date(self, issue_date: date) -> date:
        """Return the last day on which an invoice issued on `issue_date` is paid in time."""
        start = issue_date
        if self.end_of_month:
            start = issue_date.replace(day=monthrange(issue_date.year, issue_date.month)[1])
        return start + timedelta(days=self.net_days)

    def discount_date(self, issue_date: date) -> date | None:
        """Return the last day on which any discount is granted, None where there is none."""
        return issue_date + timedelta(days=self.discounts[-1].days) if self.discounts else None

    def discount_for(self, paid_on: date, amount: Money, *, issue_date: date, grace_days: int = 0) -> Money:
        """Return what may be deducted from `amount`, the part of an invoice that is cleared, when paid on `paid_on`.

        A discount is granted up to and including its last day and `grace_days` more; it is rounded half up. On a part
        of an invoice it is earned in proportion, so the rate applies to whatever part is cleared.
        """
        for tier in self.discounts:
            if paid_on <= issue_date + timedelta(days=tier.days + grace_days):
                return Money(rounded(amount.amount * tier.rate_pct / 100, amount.currency), amount.currency)
        return Money.zero(amount.currency)
