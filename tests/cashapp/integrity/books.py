"""The books a second time: what each deed does to them, in plain Python and whole units of a currency's smallest coin.

The one thing to know: nothing here is taken from the service. It predicts which deeds are refused and why, each balance and
each part of it, each posting by account and day, and how many rows of each table there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import NoneType
from typing import Any, Self

CLEARING = ("payment", "credit", "discount", "tolerance", "residual", "write_off")
WEIGHTS = {"on_account_cash": 2, "unidentified_cash": 3}
"""What is only moved within a receipt would else leave no trace of its day."""
HELD = ("unapplied_cash", "on_account_cash", "unidentified_cash")
EPOCH = date(2026, 1, 1)


class Refused(Exception):  # noqa: N818 - a verdict, not an error
    """The deed may not be; the service must say so with one of these codes."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = frozenset(codes)
        super().__init__(", ".join(sorted(self.codes)))


def refuse(**reasons: bool) -> None:
    """Raise `Refused` with every code that holds."""
    if any(reasons.values()):
        raise Refused(code for code, holds in reasons.items() if holds)


@dataclass
class Paper:
    """An item: what was issued and what was taken of it, by kind."""

    issued_on: date
    open_from: date
    amount: int
    rate_pct: int = 0
    discount_days: int = 0
    version: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    carried_pct: int = 0
    """Discount that parts paid in time have earned above what was granted, in hundredths of a coin."""

    @property
    def balance(self) -> int:
        """What is open."""
        return self.amount - self.taken.total()

    def earned_pct(self, part: int, paid_on: date) -> int:
        """Return what a part earns of the discount, in hundredths of a coin."""
        in_time = paid_on <= self.issued_on + timedelta(days=self.discount_days)
        return part * self.rate_pct if in_time and self.amount > 0 < part else 0

    def discount(self, part: int, paid_on: date) -> int:
        """Return what may be deducted of a part: the discount of all parts, rounded half up, less what was granted."""
        earned = self.earned_pct(part, paid_on)
        return max((2 * (self.carried_pct + earned) + 100) // 200, 0) if earned else 0


@dataclass
class Money:
    """A receipt: where its money is."""

    amount: int
    value_date: date
    usable_from: date
    known: bool
    version: int = 0
    returned: int = 0
    refunded: int = 0
    held: Counter[str] = field(default_factory=Counter)

    @property
    def applied(self) -> int:
        """What items got."""
        return self.amount - self.held.total() - self.returned - self.refunded


@dataclass(frozen=True)
class Want:
    """What is to be taken of one item; `carry` is what becomes of the rest."""

    item: str
    amount: int
    discount: int = 0
    tolerance: int = 0
    carry: str | None = None
    reason: str | None = None


@dataclass
class Taken:
    """An application that stands: what it took of each item, by kind, and of the receipt."""

    receipt: str
    posted_on: date
    taken: dict[str, Counter[str]]
    residuals: dict[str, str]
    cash: Counter[str]
    carried_pct: dict[str, int] = field(default_factory=dict)
    active: bool = True


def _copied(one: Any) -> Any:
    """Return a part of the books once more, with all in it that a deed changes: in a third of the time that pickle takes."""
    kind = one.__class__
    again = kind.__new__(kind)
    if kind is Counter:
        dict.update(again, one)
    elif kind is dict:
        for key, value in one.items():
            again[key] = value if value.__class__ in _UNCHANGING else _copied(value)
    else:
        fields = again.__dict__
        fields.update(one.__dict__)
        for name, value in one.__dict__.items():
            if value.__class__ not in _UNCHANGING:
                fields[name] = value.copy() if value.__class__ is list else _copied(value)
    return again


_UNCHANGING = frozenset((int, str, bool, date, NoneType))


class Books:
    """One customer's books in one company code and currency; `coins` make one unit of the currency."""

    def __init__(self, coins: int) -> None:
        self.coins = coins
        self.items: dict[str, Paper] = {}
        self.receipts: dict[str, Money] = {}
        self.applications: dict[str, Taken] = {}
        self.journal: list[tuple[date, str, str | None, int]] = []
        self.rows: Counter[str] = Counter()
        self.moments: Counter[str] = Counter()
        self.frozen_before = date.min

    def copy(self) -> Self:
        """Return the same books again, to try something in."""
        copied: Self = _copied(self)
        return copied

    # What there should be, in ten-thousandths of the currency's unit, as the database keeps amounts

    @property
    def _scale(self) -> int:
        return 10_000 // self.coins

    def items_seen(self, ids: Mapping[str, str]) -> dict[str, tuple[object, ...]]:
        """Return each item as `snapshots.ITEMS` shows it: row, number of postings and of events, postings by kind.

        The sum of amount times day tells whether each posting is on its day.
        """
        scale = self._scale
        return {
            ids[key]: (
                one.balance * scale,
                one.amount * scale,
                one.version,
                one.version,
                one.version,
                "open" if one.balance else "cleared",
                one.open_from,
                self.moments[key] * scale,
                *[one.taken[kind] * scale for kind in CLEARING],
            )
            for key, one in self.items.items()
        }

    def receipts_seen(self, ids: Mapping[str, str]) -> dict[str, tuple[object, ...]]:
        """Return each receipt as `snapshots.RECEIPTS` shows it: row, number of events, what its postings hold and when."""
        scale = self._scale
        return {
            ids[key]: (
                one.version,
                one.version,
                one.usable_from,
                self.moments[key] * scale,
                one.applied * scale,
                one.refunded * scale,
                one.returned * scale,
                *[one.held[account] * scale for account in HELD * 2],
            )
            for key, one in self.receipts.items()
        }

    def journal_seen(self, company_code: str, ids: Mapping[str, str]) -> Counter[tuple[object, ...]]:
        """Return what was posted to each account, by what it concerns and by day."""
        seen: Counter[tuple[object, ...]] = Counter()
        for day, account, concerns, amount in self.journal:
            seen[company_code, account, ids[concerns] if concerns else None, day] += amount * self._scale
        return seen

    # Postings

    def _entry(self, day: date, *lines: tuple[str, str | None, int]) -> None:
        """Note an entry of lines (account, item or receipt, debit or negative credit)."""
        refuse(period_closed=day < self.frozen_before)
        written = [(day, account, concerns, amount) for account, concerns, amount in lines if amount]
        assert sum(line[3] for line in written) == 0
        self.journal += written
        for _, account, concerns, amount in written:
            if concerns and account != "cash":
                self.moments[concerns] += amount * (day - EPOCH).days * WEIGHTS.get(account, 1)
        self.rows.update(journal_entries=1, journal_lines=len(written))

    def _issue(self, key: str, paper: Paper) -> tuple[str, str, int]:
        self.items[key] = paper
        paper.version = 1
        self.rows.update(items=1, outbox=1)
        return "receivables", key, paper.amount

    def _take(self, key: str, kind: str, amount: int, day: date) -> tuple[str, str, int]:
        """Take `amount` of an item; a negative one is given back to it."""
        item = self.items[key]
        if not amount:
            return "receivables", key, 0
        before = abs(item.balance)
        item.taken[kind] += amount
        assert 0 <= item.balance <= item.amount or item.amount <= item.balance <= 0
        if abs(item.balance) > before:
            item.open_from = max(item.open_from, day)
        item.version += 1
        self.rows["outbox"] += 1
        return "receivables", key, -amount

    def _move(
        self, key: str, day: date, changes: Mapping[str, int], *, back: bool = False
    ) -> list[tuple[str, str, int]]:
        """Move a receipt's money into (or out of) where it is held; one event. What comes in, or `back`, is there from then."""
        receipt = self.receipts[key]
        receipt.held.update(changes)
        receipt.version += 1
        if back or sum(changes.values()) > 0 or changes.get("on_account_cash", 0) > 0:
            receipt.usable_from = max(receipt.usable_from, day)
        self.rows["outbox"] += 1
        assert min(receipt.held.values()) >= 0
        return [(account, key, -change) for account, change in changes.items()]

    def _undo_recoveries(self, receipt_key: str, not_before: date) -> None:
        """Take back what was recovered with a receipt."""

    def _recharge(self, receipt_key: str, day: date) -> None:
        """Charge the customer for what was refunded of a receipt."""

    def first_open(self, day: date) -> date:
        """Return the first day from a day on that takes postings: a day that nobody chose is moved to it."""
        return max(day, self.frozen_before)

    # Deeds

    def close(self, first_open: date) -> None:
        """Freeze every day before this one; an earlier one than before opens a period again."""
        refuse(period_unchanged=first_open == self.frozen_before)
        self.frozen_before = first_open

    def post(self, papers: Mapping[str, Paper], contra: str, tax: int = 0) -> None:
        """Post a document: one item, or one for each instalment, and what of all is tax."""
        (day, *_), amount = [paper.issued_on for paper in papers.values()], sum(one.amount for one in papers.values())
        issued = [self._issue(key, paper) for key, paper in papers.items()]
        self._entry(day, *issued, (contra, None, tax - amount), ("tax", None, -tax))

    def receive(self, key: str, amount: int, day: date, *, known: bool) -> None:
        """Take money in."""
        posted_on = self.first_open(day)
        self.receipts[key] = Money(amount, day, posted_on, known)
        self.rows["receipts"] += 1
        held = self._move(key, posted_on, {"unapplied_cash" if known else "unidentified_cash": amount})
        self._entry(posted_on, ("cash", key, amount), *held)

    def identify(self, key: str) -> None:
        """Say whose receipt it is; nothing happens to one that is known."""
        receipt = self.receipts[key]
        refuse(receipt_returned=receipt.returned > 0)
        if not receipt.known:
            receipt.known = True
            day = self.first_open(receipt.usable_from)
            changes = {"unidentified_cash": -receipt.amount, "unapplied_cash": receipt.amount}
            self._entry(day, *self._move(key, day, changes, back=True))

    def apply(self, key: str, receipt_key: str, wants: list[Want], *, on_account: int, day: date | None) -> None:
        """Apply a receipt."""
        receipt = self.receipts[receipt_key]
        refuse(receipt_returned=receipt.returned > 0)
        codes = {code for want in wants for code in self._against(want, receipt)}
        if codes:
            raise Refused(codes)
        items = [self.items[want.item] for want in wants]
        paid, written_off = sum(want.amount for want in wants), sum(want.tolerance for want in wants)
        loose = receipt.held["unapplied_cash"] + receipt.held["unidentified_cash"]
        usable_from = receipt.usable_from if receipt.known else self.first_open(receipt.usable_from)
        earliest = max([usable_from, *(item.open_from for item in items)])
        from_loose = min(paid, loose)
        refuse(
            payer_unknown=not receipt.known and not wants,
            nothing_applied=(not wants and not on_account) or paid < 0,
            item_twice=len({one.item for one in wants}) < len(wants),
            tolerance_exceeded=written_off > 0
            and written_off + self.written_off_with(receipt_key) > self.tolerance(20, receipt.amount),
            posted_too_early=day is not None and day < earliest,
            receipt_exhausted=paid > loose + receipt.held["on_account_cash"] or on_account > loose - from_loose,
        )
        self.identify(receipt_key)
        self._carry_out(key, receipt_key, wants, on_account, day or self.first_open(earliest))

    def written_off_with(self, receipt_key: str) -> int:
        """Return the small differences written off by all applications of a receipt that stand."""
        standing = (one for one in self.applications.values() if one.receipt == receipt_key and one.active)
        return sum(taken["tolerance"] for one in standing for taken in one.taken.values())

    def tolerance(self, units: int, amount: int) -> int:
        """Return what may be written off: so many units of the currency, and one per cent."""
        return min(units * self.coins, abs(amount) // 100)

    def _against(self, want: Want, receipt: Money) -> Iterable[str]:
        """Return what speaks against one allocation."""
        item = self.items.get(want.item)
        if item is None:
            return ["unknown_item", "foreign_item"]
        cleared = want.amount + want.discount + want.tolerance
        rest, is_credit = item.balance - cleared, item.amount < 0
        carried = want.carry in ("residual", "dispute")
        right = cleared == want.amount < 0 if is_credit else want.amount >= 0 < cleared
        holds = {
            "wrong_sign": not right,
            "item_cleared": item.balance == 0,
            "item_balance_exceeded": abs(cleared) > abs(item.balance),
            "nothing_short": carried and (rest == 0 or is_credit),
            "reason_missing": carried and want.reason is None,
            "discount_not_earned": want.discount > item.discount(want.amount + want.discount, receipt.value_date),
            "tolerance_exceeded": want.tolerance > self.tolerance(5, item.amount) or (want.tolerance > 0 and rest != 0),
        }
        return [code for code, held in holds.items() if held]

    def _carry_out(self, key: str, receipt_key: str, wants: list[Want], on_account: int, day: date) -> None:
        receipt, credit_left = self.receipts[receipt_key], -sum(want.amount for want in wants if want.amount < 0)
        done = Taken(receipt_key, day, {}, {}, Counter())
        lines: list[tuple[str, str | None, int]] = []
        for want in wants:
            credit = want.amount if want.amount < 0 else min(credit_left, want.amount)
            credit_left -= max(credit, 0)
            rest = self.items[want.item].balance - want.amount - want.discount - want.tolerance
            taken = Counter(
                payment=want.amount - credit, credit=credit, discount=want.discount, tolerance=want.tolerance
            )
            if want.carry == "residual":
                taken["residual"] = rest
            done.taken[want.item] = taken
            self._carry_discount(done, want, receipt.value_date)
            lines += [self._take(want.item, kind, amount, day) for kind, amount in taken.items()]
            lines += [("cash_discount", None, want.discount), ("tolerance", None, want.tolerance)]
            if want.carry == "residual":
                done.residuals[want.item] = f"{key}/{want.item}"
                lines.append(self._issue(f"{key}/{want.item}", Paper(day, day, rest)))
            self.rows["outbox"] += want.carry == "dispute"
        paid = sum(taken["payment"] for taken in done.taken.values())
        from_loose = min(paid, receipt.held["unapplied_cash"])
        done.cash = Counter(unapplied_cash=-from_loose - on_account, on_account_cash=on_account - paid + from_loose)
        self._entry(day, *lines, *self._move(receipt_key, day, done.cash))
        self.applications[key] = done
        self.rows.update(applications=1, allocations=len(wants))

    def _carry_discount(self, done: Taken, want: Want, paid_on: date) -> None:
        item = self.items[want.item]
        done.carried_pct[want.item] = item.earned_pct(want.amount + want.discount, paid_on) - 100 * want.discount
        item.carried_pct += done.carried_pct[want.item]

    def reverse(self, key: str, day: date) -> None:
        """Take an application back on a day, or as soon after it as a residual item that it opened allows."""
        done = self.applications[key]
        refuse(already_reversed=not done.active)
        refuse(posted_too_early=day < done.posted_on)
        held = self.receipts[done.receipt].held["on_account_cash"]
        refuse(on_account_spent=held < done.cash["on_account_cash"])
        self._take_back_unearned(self._take_back(done, day, chosen=True))

    def _take_back(self, done: Taken, not_before: date, *, chosen: bool) -> date:
        receipt = self.receipts[done.receipt]
        since = [self.items[key].open_from for key in done.residuals.values()]
        since += [receipt.usable_from] if done.cash["on_account_cash"] > 0 else []
        day = max([not_before, done.posted_on, *since])
        day = day if chosen else self.first_open(day)
        lines: list[tuple[str, str | None, int]] = []
        for item, taken in done.taken.items():
            self.items[item].carried_pct -= done.carried_pct[item]
            residual = self.items.get(done.residuals.get(item, ""))
            stays = residual is not None and residual.balance != residual.amount
            back = {kind: amount for kind, amount in taken.items() if not (stays and kind == "residual")}
            lines += [self._take(item, kind, -amount, day) for kind, amount in back.items()]
            lines += [("cash_discount", None, -taken["discount"]), ("tolerance", None, -taken["tolerance"])]
            if residual is not None and not stays:
                lines.append(self._take(done.residuals[item], "residual", residual.amount, day))
        moved = self._move(done.receipt, day, {account: -change for account, change in done.cash.items()}, back=True)
        self._entry(day, *lines, *moved)
        done.active = False
        return day

    def _take_back_unearned(self, not_before: date) -> None:
        """Take back what applications were granted for parts that stand no more, the latest first."""
        for done in reversed([one for one in self.applications.values() if one.active]):
            for key, taken in done.taken.items():
                item = self.items[key]
                back = min((49 - item.carried_pct) // 100, -(done.carried_pct[key] // 100))
                if back > 0:
                    day = self.first_open(max(not_before, done.posted_on))
                    taken["discount"] -= back
                    done.carried_pct[key] += 100 * back
                    item.carried_pct += 100 * back
                    self._entry(day, self._take(key, "discount", -back, day), ("cash_discount", None, -back))

    def give_back(self, key: str, receipt_key: str, day: date, fee: int) -> None:
        """Have the bank take a payment back as of a day, for a fee."""
        receipt = self.receipts[receipt_key]
        refuse(receipt_returned=receipt.returned > 0)
        refuse(returned_before_received=day < receipt.value_date, fee_without_payer=fee > 0 and not receipt.known)
        day = self.first_open(day)
        self._undo_recoveries(receipt_key, day)
        self._recharge(receipt_key, day)
        last = day
        for done in reversed(self.applications.values()):
            if done.receipt == receipt_key and done.active:
                last = max(last, self._take_back(done, day, chosen=False))
        self._take_back_unearned(last)
        posted_on = self.first_open(max(day, receipt.usable_from))
        held = {account: -amount for account, amount in receipt.held.items() if amount}
        back = -sum(held.values())
        receipt.returned = back
        self._entry(posted_on, ("cash", receipt_key, -back), *self._move(receipt_key, posted_on, held))
        self.rows["payment_exceptions"] += 1
        if fee:
            self.post({key: Paper(day, day, fee)}, "fees")

    def credit(self, key: str, item: str, amount: int, day: date) -> None:
        """Post the credit memo that a decided dispute asks for and take it for the disputed item."""
        self.post({key: Paper(day, day, -amount)}, "credit_memos")
        self._entry(day, self._take(key, "credit", -amount, day), self._take(item, "credit", amount, day))
