"""Payment terms: when an invoice is due, and what may be deducted by whoever pays early.

The one thing to know: "eom" counts from the end of the month of issue, so "net 45 eom" is 45 days after it and
"10 eom" the tenth of the following month. Discount days always count from the day of issue, and no holiday moves them.
Prepayment is the strictest: what is invoiced under it is due at once. Instalments ("30% 10, 70% 60") are shares with terms of
their own; "next business day", "previous business day" or "modified next business day" behind any terms moves a due date that
falls on a holiday, "in DE" (or "in US-CA") says by which calendar.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

from shared.errors import InvalidError
from shared.money import Money, rounded

DAYS_MAX = 730
TEXT_MAX = 100
INSTALMENTS_MAX = 36
_DUE_ON_RECEIPT = re.compile(r"(?:due (?:up)?on receipt|immediate(?:ly)?|net 0)")
_PREPAYMENT = re.compile(r"(?:pre-?payment|prepaid|(?:cash|payment) in advance)")
_TIER = r"[0-9]{1,2}(?:\.[0-9]{1,3})? ?%? ?/ ?[0-9]{1,4}"
_NET = r"(?:n(?:et)? ?/? ?)?(?P<days>[0-9]{1,4})(?: days?)?(?P<eom> eom)?|(?P<bare>eom)"
_TERMS = re.compile(rf"(?P<tiers>(?:{_TIER} )*)(?:{_NET})")
_BARE_DAYS = re.compile(r"[0-9]{1,4}")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%(?! ?/) ?")
_MOVES = re.compile(
    r" (?P<modified>modified )?(?P<side>next|following|previous|preceding)(?: business day)?"
    r"(?: in (?P<calendar>[a-z]{2}(?:-[a-z0-9]{1,3})?))?"
)
_EXAMPLES = (
    '"net 30", "net 45 eom", "10 eom", "2/10 net 30", "30% 10, 70% 60", "due on receipt" or "prepayment",'
    ' followed by "next business day" where holidays count'
)
_TO_END_OF_MONTH = Decimal(5373) / 365
"""Days from a day of a common year to the end of its month, on average."""


class InvalidPaymentTermsError(InvalidError):
    """The text states no payment terms that can be reckoned with."""

    code = "invalid_payment_terms"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"Payment terms {text[:60]!r}: {reason}. Write them as {_EXAMPLES}.", field="payment_terms")
        self.text = text


class Calendar(Protocol):
    """Tells the days on which nobody pays."""

    def is_business_day(self, day: date) -> bool:
        """Tell whether banks and companies work on `day`."""


class Weekdays:
    """Monday to Friday, where no calendar of a country is known."""

    def is_business_day(self, day: date) -> bool:
        """Tell whether `day` is none of Saturday and Sunday."""
        return day.weekday() < 5


class Move(StrEnum):
    """Where a due date goes that falls on a holiday. `MODIFIED` is the next business day, or the one before where that
    lies in another month.
    """

    NEXT = "next"
    PREVIOUS = "previous"
    MODIFIED = "modified next"


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """That due dates move, and by which calendar: a country such as "DE", a part of it such as "US-CA", or the customer's."""

    move: Move
    calendar: str | None = None

    def moved(self, day: date, calendar: Calendar) -> date:
        """Return `day` where it is a business day, else the one that the rule names."""
        if self.move is Move.PREVIOUS:
            return _business_day(day, -1, calendar)
        later = _business_day(day, 1, calendar)
        if self.move is Move.MODIFIED and later.month != day.month:
            return _business_day(day, -1, calendar)
        return later

    def __str__(self) -> str:
        return f"{self.move} business day{f' in {self.calendar}' if self.calendar else ''}"


def _business_day(day: date, step: int, calendar: Calendar) -> date:
    while not calendar.is_business_day(day):
        day += timedelta(days=step)
    return day


@dataclass(frozen=True, slots=True)
class DiscountTier:
    """`rate_pct` per cent off when paid within `days` days of issue, the last day included."""

    rate_pct: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Instalment:
    """A share of the amount, due by terms of its own."""

    share_pct: Decimal
    terms: "PaymentTerms"


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Due `net_days` after issue, or after the end of the month of issue; discounts from the highest to the lowest.

    Terms with instalments say nothing else but whether holidays count: each instalment has its own days and discounts.
    """

    net_days: int
    end_of_month: bool = False
    discounts: tuple[DiscountTier, ...] = ()
    prepayment: bool = False
    instalments: tuple[Instalment, ...] = ()
    holidays: HolidayRule | None = None
    _written: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Written out once: thousands of documents have the terms of a few.
        object.__setattr__(self, "_written", self._in_words())

    @classmethod
    def parse(cls, text: str) -> "PaymentTerms":
        """Return the terms that `text` states; raise `InvalidPaymentTermsError`, which names the remedy."""
        return _parsed(text)

    @classmethod
    def _parse(cls, text: str) -> "PaymentTerms":
        words = re.sub(r"[\s,;]+", " ", text).strip().lower()
        moves = _MOVES.search(words)
        holidays = None
        if moves is not None and moves.end() == len(words):
            words, holidays = words[: moves.start()], _holiday_rule(moves)
        shares = _SHARE.split(words)
        # A bare number is no terms: "30" may be days or a day of the month.
        if len(shares) > 1 and not shares[0].strip():
            terms = cls(0, instalments=_instalments(text, shares[1:], holidays), holidays=holidays)
        elif words.isdigit():
            raise InvalidPaymentTermsError(text, "they cannot be read")
        else:
            terms = replace(cls._single(text, words), holidays=holidays)
        if fault := terms._fault():
            raise InvalidPaymentTermsError(text, fault)
        return terms

    @classmethod
    def _single(cls, text: str, words: str) -> "PaymentTerms":
        """Return terms without instalments; `text` is what the refusal quotes."""
        if _DUE_ON_RECEIPT.fullmatch(words):
            return cls(0)
        if _PREPAYMENT.fullmatch(words):
            return cls(0, prepayment=True)
        stated = _TERMS.fullmatch(words)
        if stated is None:
            raise InvalidPaymentTermsError(text, "they cannot be read")
        return cls(
            net_days=int(stated["days"] or 0),
            end_of_month=bool(stated["eom"] or stated["bare"]),
            discounts=tuple(
                DiscountTier(Decimal(rate), int(days))
                for rate, days in re.findall(r"([0-9.]+) ?%? ?/ ?([0-9]+)", stated["tiers"])
            ),
        )

    def _fault(self) -> str | None:
        if self.instalments:
            return self._fault_of_instalments()
        if self.net_days > DAYS_MAX:
            return f"at most {DAYS_MAX} days are granted"
        if any(tier.rate_pct == 0 for tier in self.discounts):
            return "a discount of 0 % is none"
        if any(later.days <= tier.days or later.rate_pct >= tier.rate_pct for tier, later in pairwise(self.discounts)):
            return "a later discount must be lower than the one before it"
        if self.discounts and not self.end_of_month and self.discounts[-1].days > self.net_days:
            return "a discount cannot run longer than the invoice"
        return None

    def _fault_of_instalments(self) -> str | None:
        shares = [one.share_pct for one in self.instalments]
        if sum(shares) != 100 or not all(shares):
            return "the shares of the instalments must come to 100 %, none of them 0 %"
        if len(shares) < 2 or len(shares) > INSTALMENTS_MAX:
            return f"there are two to {INSTALMENTS_MAX} instalments"
        if len(str(self)) > TEXT_MAX:
            return f"written out they are longer than {TEXT_MAX} characters"
        return next((fault for one in self.instalments if (fault := one.terms._fault())), None)

    def __str__(self) -> str:
        return self._written

    def _in_words(self) -> str:
        holidays = f" {self.holidays}" if self.holidays else ""
        if self.instalments:
            parts = (f"{_plain(one.share_pct)}% {one.terms._without_holidays}" for one in self.instalments)
            return ", ".join(parts) + holidays
        return self._without_holidays + holidays

    @property
    def _without_holidays(self) -> str:
        if self.prepayment:
            return "prepayment"
        tiers = "".join(f"{_plain(tier.rate_pct)}/{tier.days} " for tier in self.discounts)
        if not self.end_of_month and not self.net_days and not tiers:
            return "due on receipt"
        return f"{tiers}net {self.net_days}{' eom' if self.end_of_month else ''}"

    @property
    def average_due_days(self) -> Decimal:
        """After how many days an invoice is due, over all days of issue and weighed by instalments, holidays left out.

        Prepayment is before the day of issue.
        """
        if self.instalments:
            return sum((one.share_pct * one.terms.average_due_days for one in self.instalments), Decimal(0)) / 100
        if self.prepayment:
            return Decimal(-1)
        return self.net_days + (_TO_END_OF_MONTH if self.end_of_month else Decimal(0))

    def discount_pct(self, days: int) -> Decimal:
        """Return the per cent off for whoever pays the whole `days` days after issue."""
        if self.instalments:
            shares = (one.share_pct * one.terms.discount_pct(days) for one in self.instalments)
            return sum(shares, Decimal(0)) / 100
        return next((tier.rate_pct for tier in self.discounts if days <= tier.days), Decimal(0))

    @property
    def discount_days(self) -> tuple[int, ...]:
        """The days after issue on which a discount ends, in order."""
        tiers = [tier for one in self.instalments for tier in one.terms.discounts] or self.discounts
        return tuple(sorted({tier.days for tier in tiers}))

    def is_better_than(self, agreed: "PaymentTerms") -> bool:
        """Tell whether a customer would gain by these terms in any respect: due later, or a larger or longer discount."""
        if self.average_due_days > agreed.average_due_days:
            return True
        return any(self.discount_pct(days) > agreed.discount_pct(days) for days in self.discount_days)

    def due_date(self, issue_date: date, calendar: Calendar | None = None) -> date:
        """Return the last day on which an invoice issued on `issue_date` is paid in time, of its last instalment.

        Where holidays count, `calendar` tells them; without one they are Saturday and Sunday.
        """
        if self.instalments:
            return max(one.terms.due_date(issue_date, calendar) for one in self.instalments)
        start = issue_date
        if self.end_of_month:
            start = issue_date.replace(day=monthrange(issue_date.year, issue_date.month)[1])
        due = start + timedelta(days=self.net_days)
        if self.holidays is None:
            return due
        # A due date never moves before the day of issue.
        moved = self.holidays.moved(due, calendar or Weekdays())
        return max(moved, issue_date)

    def discount_date(self, issue_date: date) -> date | None:
        """Return the last day on which any discount is granted, None where there is none."""
        days = self.discount_days
        return issue_date + timedelta(days=days[-1]) if days else None

    def discount_earned(self, paid_on: date, amount: Decimal, *, issue_date: date, grace_days: int = 0) -> Decimal:
        """Return what `amount`, the part of an invoice that is cleared, earns when paid on `paid_on`; not rounded.

        A discount is granted up to and including its last day and `grace_days` more. On a part of an invoice it is earned in
        proportion, so the rate applies to whatever part is cleared; whoever pays in parts has it rounded over all of them.
        """
        return amount * self.discount_pct((paid_on - issue_date).days - grace_days) / 100

    def split(self, amount: Money) -> list[Money]:
        """Return what of `amount` falls to each instalment; the sum is `amount` to its smallest unit.

        Each is what its share and those before it come to, rounded half up, less what those before it have: so none is
        more than one unit off its share.
        """
        parts, taken, share_pct = [], Money.zero(amount.currency), Decimal(0)
        for one in self.instalments:
            share_pct += one.share_pct
            reached = Money(rounded(amount.amount * share_pct / 100, amount.currency), amount.currency)
            parts.append(reached - taken)
            taken = reached
        return parts or [amount]


@lru_cache(maxsize=1_000)
def _parsed(text: str) -> PaymentTerms:
    """Return what a text states; kept, because thousands of documents share the terms of a few."""
    return PaymentTerms._parse(text)


def _holiday_rule(stated: re.Match[str]) -> HolidayRule:
    later = stated["side"] in ("next", "following")
    move = Move.MODIFIED if stated["modified"] and later else Move.NEXT if later else Move.PREVIOUS
    return HolidayRule(move, stated["calendar"].upper() if stated["calendar"] else None)


def _instalments(text: str, shares: list[str], holidays: HolidayRule | None) -> tuple[Instalment, ...]:
    found = []
    for share, words in zip(shares[::2], shares[1::2], strict=True):
        # Behind a share a bare number can be nothing but days.
        own = words.strip()
        terms = PaymentTerms._single(text, f"net {own}" if _BARE_DAYS.fullmatch(own) else own)
        found.append(Instalment(Decimal(share), replace(terms, holidays=holidays)))
    return tuple(found)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
