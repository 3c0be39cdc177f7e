"""The part of the books that two people decide: refunds, write-offs, and what comes in for what was written off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.cashapp.integrity.books import Books, Paper, refuse


@dataclass
class Asked:
    """A refund: what it takes of which receipt or credit memo, and from where it was taken."""

    parts: dict[str, int]
    status: str = "pending"
    posted_on: date = date.min
    taken: dict[str, Counter[str]] = field(default_factory=dict)
    recharged: bool = False


@dataclass
class GivenUp:
    """A write-off: what it takes of which item, and what came in for it since."""

    shares: dict[str, int]
    account: str
    status: str = "pending"
    posted_on: date = date.min
    recovered: Counter[str] = field(default_factory=Counter)


@dataclass
class Recovered:
    """Money of a receipt for a written-off item."""

    write_off: str
    item: str
    receipt: str
    amount: int
    cash: Counter[str]
    posted_on: date
    active: bool = True


class DecidedBooks(Books):
    """The books with refunds, write-offs and recoveries."""

    def __init__(self, coins: int) -> None:
        super().__init__(coins)
        self.refunds: dict[str, Asked] = {}
        self.write_offs: dict[str, GivenUp] = {}
        self.recoveries: dict[str, Recovered] = {}

    def decisions_seen(self, ids: Mapping[str, str]) -> dict[str, tuple[object, ...]]:
        """Return each refund and write-off as `snapshots.DECISIONS` shows it: status, and what it takes of what."""
        asked = {key: (one.status, one.parts) for key, one in self.refunds.items()}
        asked |= {key: (one.status, one.shares) for key, one in self.write_offs.items()}
        return {
            ids[key]: (status, frozenset(f"{ids[of]} {part * self._scale}" for of, part in parts.items()))
            for key, (status, parts) in asked.items()
        }

    # Refunds

    def _free(self, key: str) -> int:
        """Return what of a receipt or a credit memo may be paid back."""
        if key in self.receipts:
            held = self.receipts[key].held
            return held["unapplied_cash"] + held["on_account_cash"]
        return max(-self.items[key].balance, 0)

    def ask_refund(self, key: str, sources: list[str], amount: int | None) -> None:
        """Ask for a refund; two that wait never count on the same money."""
        free: dict[str, int] = {}
        for source in sources:
            receipt, item = self.receipts.get(source), self.items.get(source)
            refuse(not_refundable=(receipt is not None and not receipt.known) or (item is not None and item.amount > 0))
            waiting = sum(one.parts.get(source, 0) for one in self.refunds.values() if one.status == "pending")
            free[source] = self._free(source) - waiting
        refuse(nothing_to_refund=min(free.values()) <= 0)
        left = sum(free.values()) if amount is None else amount
        refuse(refund_exceeds_credit=left > sum(free.values()))
        parts = {}
        for source, most in free.items():
            parts[source] = min(left, most)
            left -= parts[source]
        self.refunds[key] = Asked({source: part for source, part in parts.items() if part})
        self.rows.update(refunds=1, refund_parts=len(self.refunds[key].parts))

    def approve_refund(self, key: str, day: date, *, himself: bool) -> None:
        """Approve a refund and pay it."""
        refund = self.refunds[key]
        refuse(refund_state=refund.status != "pending")
        refuse(four_eyes=himself)
        refuse(refund_not_covered=any(self._free(source) < part for source, part in refund.parts.items()))
        since = [
            self.receipts[one].usable_from if one in self.receipts else self.items[one].open_from
            for one in refund.parts
        ]
        refuse(posted_too_early=day < max(since))
        for source, part in refund.parts.items():
            refund.taken[source] = taken = Counter[str]()
            if source in self.receipts:
                unapplied = min(part, self.receipts[source].held["unapplied_cash"])
                taken.update(unapplied_cash=-unapplied, on_account_cash=unapplied - part)
            self._pay(source, part, day, taken)
        refund.status, refund.posted_on = "approved", day
        self.rows["outbox"] += 1

    def _pay(self, source: str, part: int, day: date, taken: Counter[str]) -> None:
        """Pay a part back, or with a negative one have it come back."""
        if source in self.receipts:
            self.receipts[source].refunded += part
            self._entry(day, *self._move(source, day, taken), ("cash", source, -part))
        else:
            self._entry(day, self._take(source, "payment", -part, day), ("cash", None, -part))

    def end_refund(self, key: str, status: str) -> None:
        """Reject or cancel a refund."""
        refuse(refund_state=self.refunds[key].status != "pending")
        self.refunds[key].status = status

    def reverse_refund(self, key: str, day: date) -> None:
        """Take a posted refund back."""
        refund = self.refunds[key]
        refuse(refund_state=refund.status != "approved")
        refuse(refund_recharged=refund.recharged)
        refuse(posted_too_early=day < refund.posted_on)
        for source, part in refund.parts.items():
            self._pay(
                source, -part, day, Counter({account: -change for account, change in refund.taken[source].items()})
            )
        refund.status = "reversed"
        self.rows["outbox"] += 1

    def _recharge(self, receipt_key: str, day: date) -> None:
        for key, refund in self.refunds.items():
            part = refund.parts.get(receipt_key)
            if refund.status != "approved" or part is None:
                continue
            refund.recharged = True
            self.receipts[receipt_key].refunded -= part
            issued = self._issue(f"{key}/recharge/{receipt_key}", Paper(day, day, part))
            back = {account: -change for account, change in refund.taken[receipt_key].items()}
            self._entry(day, issued, *self._move(receipt_key, day, back))

    # Write-offs

    def ask_write_off(self, key: str, wanted: dict[str, int | None], account: str) -> None:
        """Ask for a write-off of items, in whole or in part."""
        refuse(not_writable_off=any(self.items[item].amount < 0 for item in wanted))
        shares = {}
        for item, amount in wanted.items():
            waiting = sum(one.shares.get(item, 0) for one in self.write_offs.values() if one.status == "pending")
            free = self.items[item].balance - waiting
            shares[item] = free if amount is None else amount
            refuse(write_off_exceeds_balance=not 0 < shares[item] <= free)
        self.write_offs[key] = GivenUp(shares, account)
        self.rows.update(write_offs=1, write_off_items=len(shares))

    def approve_write_off(self, key: str, day: date, *, himself: bool) -> None:
        """Approve a write-off and post it."""
        one = self.write_offs[key]
        refuse(write_off_state=one.status != "pending")
        refuse(four_eyes=himself)
        refuse(write_off_not_covered=any(self.items[item].balance < share for item, share in one.shares.items()))
        refuse(posted_too_early=day < max(self.items[item].open_from for item in one.shares))
        self._write_off(one, day, 1)
        one.status, one.posted_on = "approved", day

    def _write_off(self, one: GivenUp, day: date, sign: int) -> None:
        taken = [self._take(item, "write_off", sign * share, day) for item, share in one.shares.items()]
        self._entry(day, *taken, (one.account, None, sign * sum(one.shares.values())))
        self.rows["outbox"] += 1

    def end_write_off(self, key: str, status: str) -> None:
        """Reject or cancel a write-off."""
        refuse(write_off_state=self.write_offs[key].status != "pending")
        self.write_offs[key].status = status

    def reverse_write_off(self, key: str, day: date) -> None:
        """Take a posted write-off back."""
        one = self.write_offs[key]
        refuse(write_off_state=one.status != "approved")
        refuse(write_off_recovered=one.recovered.total() > 0)
        refuse(posted_too_early=day < one.posted_on)
        self._write_off(one, day, -1)
        one.status = "reversed"

    # Recoveries

    def recover(
        self, key: str, write_off: str, item: str, receipt_key: str, amount: int | None, day: date | None
    ) -> None:
        """Book money of a receipt for what was written off of an item: reinstated and paid at once."""
        receipt, one = self.receipts[receipt_key], self.write_offs[write_off]
        refuse(receipt_returned=receipt.returned > 0)
        refuse(write_off_state=one.status != "approved")
        refuse(foreign_receipt=not receipt.known)
        there, left = self._free(receipt_key), one.shares[item] - one.recovered[item]
        taken = min(there, left) if amount is None else amount
        refuse(nothing_recoverable=taken <= 0)
        refuse(receipt_exhausted=taken > there, recovery_exceeds_write_off=taken > left)
        earliest = max(receipt.usable_from, self.items[item].open_from, one.posted_on)
        refuse(posted_too_early=day is not None and day < earliest)
        unapplied = min(taken, receipt.held["unapplied_cash"])
        cash = Counter(unapplied_cash=-unapplied, on_account_cash=unapplied - taken)
        self.recoveries[key] = Recovered(write_off, item, receipt_key, taken, cash, day or self.first_open(earliest))
        self._recover(self.recoveries[key], self.recoveries[key].posted_on, 1)
        self.rows["recoveries"] += 1

    def _recover(self, one: Recovered, day: date, sign: int) -> None:
        kinds = (("write_off", -one.amount), ("payment", one.amount))
        lines = [self._take(one.item, kind, sign * amount, day) for kind, amount in kinds[::sign]]
        moved = self._move(one.receipt, day, {account: sign * change for account, change in one.cash.items()})
        self._entry(day, *lines, ("recoveries", None, -sign * one.amount), *moved)
        self.write_offs[one.write_off].recovered[one.item] += sign * one.amount

    def reverse_recovery(self, key: str, day: date) -> None:
        """Take a recovery back: the item is written off again."""
        one = self.recoveries[key]
        refuse(already_reversed=not one.active)
        refuse(posted_too_early=day < one.posted_on)
        self._recover(one, day, -1)
        one.active = False

    def _undo_recoveries(self, receipt_key: str, not_before: date) -> None:
        for one in self.recoveries.values():
            if one.receipt == receipt_key and one.active:
                self._recover(one, self.first_open(max(not_before, one.posted_on)), -1)
                one.active = False
