"""Steps that two people decide, refunds and write-offs, and the closing of periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cashapp_service.authorities.domain import Authority, Decider
from cashapp_service.periods import use_cases as periods
from cashapp_service.periods.domain import Period
from cashapp_service.recoveries import use_cases as recoveries
from cashapp_service.recoveries.domain import WantedRecovery
from cashapp_service.refunds import use_cases as refunds
from cashapp_service.refunds.domain.refund import WantedRefund
from cashapp_service.write_offs import use_cases as write_offs
from cashapp_service.write_offs.domain.write_off import WantedItem, WantedWriteOff
from shared.unit_of_work import UnitOfWork
from tests.cashapp.integrity.decided_books import DecidedBooks
from tests.cashapp.integrity.steps import ASKER, Desk, Step, on_day

DECIDER = "bert"
ENDS = {"reject": "rejected", "cancel": "cancelled"}
FIRST_CLOSED = date(2026, 3, 1)
LAST_CLOSED = date(2026, 6, 1)


def decider(*, himself: bool) -> Decider:
    """Return who decides: another person, or wrongly who asked himself."""
    return Decider(ASKER if himself else DECIDER, Authority(unlimited=True))


def some(desk: Desk, all_of: Mapping[str, Any], *statuses: str) -> str | None:
    """Draw one that has the right status, or at times any."""
    right = [key for key, one in all_of.items() if one.status in statuses]
    if not right and desk.chance.random() < 0.8:
        return None
    chosen = right if right and desk.chance.random() < 0.9 else list(all_of)
    return desk.chance.choice(chosen) if chosen else None


@dataclass
class AskRefund(Step):
    """Ask for a refund of money that is free and of credit memos."""

    key: str
    sources: list[str]
    coins: int | None

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        books, chance = desk.books, desk.chance
        rich = [key for key, one in books.receipts.items() if one.known and one.held.total()]
        memos = [key for key, one in books.items.items() if one.balance < 0]
        there = rich + memos if chance.random() < 0.9 else [*books.receipts, *books.items]
        if not there:
            return None
        sources = chance.sample(there, min(len(there), chance.choice((1, 1, 2))))
        coins = None if chance.random() < 0.5 else desk.some_coins() // 2
        # Receipts stand before credit memos, as the service names them.
        return cls(desk.new_key("P"), sorted(sources, key=lambda one: one not in books.receipts), coins)

    def expect(self, books: DecidedBooks) -> None:
        books.ask_refund(self.key, self.sources, self.coins)

    def _divided(self, desk: Desk) -> tuple[list[str], list[str]]:
        receipts = [one for one in self.sources if one in desk.books.receipts]
        return [desk.ids[one] for one in receipts], [desk.ids[one] for one in self.sources if one not in receipts]

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        receipt_ids, item_ids = self._divided(desk)
        wanted = WantedRefund(
            customer_id=desk.customer_id,
            currency=desk.currency,
            amount=None if self.coins is None else desk.amount(self.coins),
            reason_code="overpayment",
            receipt_ids=tuple(receipt_ids),
            item_ids=tuple(item_ids),
        )
        desk.ids[self.key] = (await refunds.request_refund(uow, wanted, by=ASKER)).refund_id

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        receipt_ids, item_ids = self._divided(desk)
        body = {"customer_id": desk.customer_id, "currency": desk.currency, "reason_code": "overpayment"}
        amount = {} if self.coins is None else {"amount": desk.written(self.coins)}
        return "/v1/refunds", body | amount | {"receipt_ids": receipt_ids, "item_ids": item_ids}

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        desk.ids[self.key] = answer["id"]


@dataclass
class DecideRefund(Step):
    """Approve a refund, as another person or wrongly oneself, or reject or cancel it."""

    refund: str
    verb: str
    day: date
    himself: bool = False

    @property
    def by(self) -> str:
        return ASKER if self.himself else DECIDER

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        refund = some(desk, desk.books.refunds, "pending")
        verb = desk.chance.choice(("approve",) * 6 + ("reject", "cancel"))
        himself = verb == "cancel" or (verb == "approve" and desk.chance.random() < 0.05)
        return cls(refund, verb, desk.day(days=120), himself) if refund else None

    def expect(self, books: DecidedBooks) -> None:
        if self.verb == "approve":
            books.approve_refund(self.refund, self.day, himself=self.himself)
        else:
            books.end_refund(self.refund, ENDS[self.verb])

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        refund_id, by = desk.ids[self.refund], decider(himself=self.himself)
        if self.verb == "approve":
            await refunds.approve(uow, refund_id, by=by, note=None, refunded_on=self.day, expected_version=None)
        elif self.verb == "reject":
            await refunds.reject(uow, refund_id, by=by, note="no", expected_version=None)
        else:
            await refunds.cancel(uow, refund_id, by=by.subject, expected_version=None)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        bodies: dict[str, dict[str, Any]] = {"approve": {"refunded_on": str(self.day)}, "reject": {"note": "no"}}
        return f"/v1/refunds/{desk.ids[self.refund]}/{self.verb}", bodies.get(self.verb, {})


@dataclass
class ReverseRefund(Step):
    """Take a refund back whose transfer failed."""

    refund: str
    day: date

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        refund = some(desk, desk.books.refunds, "approved")
        return cls(refund, desk.day(days=150)) if refund else None

    def expect(self, books: DecidedBooks) -> None:
        books.reverse_refund(self.refund, self.day)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        refund_id, by = desk.ids[self.refund], decider(himself=False)
        await refunds.reverse(uow, refund_id, by=by, reason="x", posting_date=self.day, expected_version=None)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        return f"/v1/refunds/{desk.ids[self.refund]}/reverse", {"reason": "x"} | on_day(self.day)


@dataclass
class AskWriteOff(Step):
    """Ask for a write-off of what is open of some items."""

    key: str
    wanted: dict[str, int | None]
    account: str

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        books, chance = desk.books, desk.chance
        owed = [key for key, one in books.items.items() if one.balance > 0]
        there = owed if chance.random() < 0.9 else list(books.items)
        if not there:
            return None
        chosen = chance.sample(there, min(len(there), chance.choice((1, 1, 2))))
        wanted = {key: None if chance.random() < 0.6 else desk.some_coins() // 3 for key in chosen}
        return cls(desk.new_key("W"), wanted, chance.choice(("bad_debt", "allowance")))

    def expect(self, books: DecidedBooks) -> None:
        books.ask_write_off(self.key, self.wanted, self.account)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        items = [
            WantedItem(desk.ids[key], None if coins is None else desk.amount(coins))
            for key, coins in self.wanted.items()
        ]
        wanted = WantedWriteOff(
            items=tuple(items),
            reason_code="insolvency",
            evidence=("the court's letter",),
            account=self.account,  # type: ignore[arg-type]
        )
        row, _ = await write_offs.request_write_off(uow, wanted, by=ASKER)
        desk.ids[self.key] = row.write_off_id

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        items = [
            {"item_id": desk.ids[key]} | ({} if coins is None else {"amount": desk.written(coins)})
            for key, coins in self.wanted.items()
        ]
        body = {"reason_code": "insolvency", "evidence": ["the court's letter"], "account": self.account}
        return "/v1/write-offs", body | {"items": items}

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        desk.ids[self.key] = answer["id"]


@dataclass
class DecideWriteOff(Step):
    """Approve a write-off, as another person or wrongly oneself, or reject or cancel it."""

    write_off: str
    verb: str
    day: date
    himself: bool = False

    @property
    def by(self) -> str:
        return ASKER if self.himself else DECIDER

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        write_off = some(desk, desk.books.write_offs, "pending")
        verb = desk.chance.choice(("approve",) * 6 + ("reject", "cancel"))
        himself = verb == "cancel" or (verb == "approve" and desk.chance.random() < 0.05)
        return cls(write_off, verb, desk.day(days=120), himself) if write_off else None

    def expect(self, books: DecidedBooks) -> None:
        if self.verb == "approve":
            books.approve_write_off(self.write_off, self.day, himself=self.himself)
        else:
            books.end_write_off(self.write_off, ENDS[self.verb])

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        write_off_id, by = desk.ids[self.write_off], decider(himself=self.himself)
        if self.verb == "approve":
            await write_offs.approve(uow, write_off_id, by=by, note=None, posting_date=self.day, expected_version=None)
        elif self.verb == "reject":
            await write_offs.reject(uow, write_off_id, by=by, note="no", expected_version=None)
        else:
            await write_offs.cancel(uow, write_off_id, by=by.subject, expected_version=None)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        bodies: dict[str, dict[str, Any]] = {"approve": on_day(self.day), "reject": {"note": "no"}}
        return f"/v1/write-offs/{desk.ids[self.write_off]}/{self.verb}", bodies.get(self.verb, {})


@dataclass
class ReverseWriteOff(Step):
    """Take a write-off back."""

    write_off: str
    day: date

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        write_off = some(desk, desk.books.write_offs, "approved")
        return cls(write_off, desk.day(days=150)) if write_off else None

    def expect(self, books: DecidedBooks) -> None:
        books.reverse_write_off(self.write_off, self.day)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        write_off_id, by = desk.ids[self.write_off], decider(himself=False)
        await write_offs.reverse(uow, write_off_id, by=by, reason="x", posting_date=self.day, expected_version=None)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        return f"/v1/write-offs/{desk.ids[self.write_off]}/reverse", {"reason": "x"} | on_day(self.day)


@dataclass
class Recover(Step):
    """Book money for what was written off."""

    key: str
    write_off: str
    item: str
    receipt: str
    coins: int | None
    day: date | None

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        books, chance = desk.books, desk.chance
        write_off = some(desk, books.write_offs, "approved")
        rich = [key for key, one in books.receipts.items() if one.held.total()]
        if write_off is None or not rich:
            return None
        item = chance.choice(list(books.write_offs[write_off].shares))
        coins = None if chance.random() < 0.6 else desk.some_coins() // 5
        day = desk.day(days=120) if chance.random() < 0.3 else None
        return cls(desk.new_key("V"), write_off, item, chance.choice(rich), coins, day)

    def expect(self, books: DecidedBooks) -> None:
        books.recover(self.key, self.write_off, self.item, self.receipt, self.coins, self.day)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        wanted = WantedRecovery(
            write_off_id=desk.ids[self.write_off],
            receipt_id=desk.ids[self.receipt],
            item_id=desk.ids[self.item],
            amount=None if self.coins is None else desk.amount(self.coins),
            posting_date=self.day,
        )
        desk.ids[self.key] = (await recoveries.book_recovery(uow, wanted, by=ASKER)).recovery_id

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        body = {"receipt_id": desk.ids[self.receipt], "item_id": desk.ids[self.item]} | on_day(self.day)
        amount = {} if self.coins is None else {"amount": desk.written(self.coins)}
        return f"/v1/write-offs/{desk.ids[self.write_off]}/recoveries", body | amount

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        desk.ids[self.key] = answer["id"]


@dataclass
class ReverseRecovery(Step):
    """Take a recovery back."""

    recovery: str
    day: date

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        booked = list(desk.books.recoveries)
        return cls(desk.chance.choice(booked), desk.day(days=150)) if booked else None

    def expect(self, books: DecidedBooks) -> None:
        books.reverse_recovery(self.recovery, self.day)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        await recoveries.reverse_recovery(uow, desk.ids[self.recovery], by=ASKER, posting_date=self.day)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        return f"/v1/recoveries/{desk.ids[self.recovery]}/reverse", on_day(self.day)


@dataclass
class Close(Step):
    """Close the next period, or open the last closed one again; what has to be done before is not asked here."""

    period: Period
    reopen: bool

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        frozen = desk.books.frozen_before
        if frozen < FIRST_CLOSED:
            return cls(Period.of(FIRST_CLOSED).before, reopen=False)
        if desk.chance.random() < 0.4 and frozen > FIRST_CLOSED:
            return cls(Period.of(frozen).before, reopen=True)
        again = desk.chance.random() < 0.1 or frozen >= LAST_CLOSED
        return cls(Period.of(frozen).before if again else Period.of(frozen), reopen=False)

    def expect(self, books: DecidedBooks) -> None:
        books.close(self.period.first_day if self.reopen else self.period.next.first_day)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        change = periods.reopen_latest if self.reopen else periods.close_period
        await change(uow, desk.company_code, self.period, by=ASKER)
