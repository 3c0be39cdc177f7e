"""What people do to one customer's books. A step is drawn from what is there, done by the service, and expected by the books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, ClassVar

from cashapp_service.applications.domain.allocation import Wanted
from cashapp_service.applications.domain.decision import Decision, Recorder
from cashapp_service.applications.use_cases import (
    allocations_of,
    apply_receipt,
    identify_receipt,
    reverse_application,
)
from cashapp_service.documents.domain.document import Document
from cashapp_service.documents.use_cases import post_documents
from cashapp_service.incoming_payments.use_cases import receive_payment
from cashapp_service.payment_exceptions.domain import ReturnReason
from cashapp_service.payment_exceptions.domain.bank_return import BankReturn
from cashapp_service.receipts.domain import Receipt
from cashapp_service.returns.use_cases import Actor, return_receipt
from shared.errors import OpenItemError
from shared.events.cashapp import ItemKind
from shared.events.credit import CustomerState
from shared.ids import new_id
from shared.money import Money, decimals_of
from shared.unit_of_work import UnitOfWork, Units
from tests.cashapp.integrity.books import Paper, Want, refuse
from tests.cashapp.integrity.decided_books import DecidedBooks

ASKER = "anna"
IN_INSTALMENTS = "30% 10, 70% 60"
TERMS = (*2 * ("net 30", "10/60 net 90", "3/10 net 30"), IN_INSTALMENTS)
FIRST_DAY = date(2026, 3, 1)


async def nobody(_: str) -> CustomerState | None:
    """Stand in for credit-service, which is never asked: every customer is known."""
    raise AssertionError("all customers are known")


@dataclass
class Desk:
    """Where one sequence works: its customer, the books that it should have, and the service's ids of what is in them."""

    units: Units
    recorder: Recorder
    customer_id: str
    company_code: str
    currency: str
    chance: Random
    books: DecidedBooks = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)
    documents: list[Post] = field(default_factory=list)
    drawn: int = 0
    possible: list[DecidedBooks] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.books = DecidedBooks(10 ** decimals_of(self.currency))

    def new_key(self, prefix: str) -> str:
        """Return a name for what a step makes."""
        self.drawn += 1
        return f"{prefix}{self.drawn}"

    def day(self, after: date = FIRST_DAY, days: int = 60) -> date:
        """Draw a day."""
        return after + timedelta(days=self.chance.randint(0, days))

    def amount(self, coins: int) -> Decimal:
        """Return coins as the service takes them."""
        return Decimal(coins).scaleb(-decimals_of(self.currency))

    def written(self, coins: int) -> str:
        """Return coins as a request states them."""
        return f"{self.amount(coins):f}"

    @property
    def place(self) -> dict[str, Any]:
        """Company code and currency, as requests state them."""
        return {"company_code": self.company_code, "currency": self.currency}

    def some_coins(self) -> int:
        """Draw an amount: often a round one, so that things fit together, and at times an odd one."""
        units = self.chance.choice((10, 20, 30, 50, 100, 200, 500, 900))
        return units * self.books.coins + (self.chance.randint(1, 99) if self.chance.random() < 0.3 else 0)


def on_day(day: date | None) -> dict[str, str]:
    """Return the posting date as requests state it."""
    return {"posting_date": str(day)} if day else {}


class Step:
    """One thing that is done."""

    @property
    def by(self) -> str:
        """Who asks for it over HTTP."""
        return ASKER

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        """Draw one, reasonable or not, from what is there; None where nothing of the kind can be done."""
        raise NotImplementedError

    def expect(self, books: DecidedBooks) -> None:
        """Do it in the books; raise `Refused` where it may not be."""
        raise NotImplementedError

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        """Have the service do it in a transaction of its own, and note the ids of what was made."""
        raise NotImplementedError

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        """Return the path and the body of the POST that asks for it."""
        raise NotImplementedError

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        """Note the ids of what was made from the answer to that POST."""


@dataclass
class Post(Step):
    """Post a document."""

    key: str
    kind: ItemKind
    coins: int
    issued_on: date
    terms: str | None
    tax: int = 0
    CONTRA: ClassVar = {"credit_memo": "credit_memos"}

    @classmethod
    def draw(cls, desk: Desk) -> Step:
        kind = desk.chance.choice(("invoice", "invoice", "invoice", "debit_memo", "credit_memo"))
        terms = None if kind == "credit_memo" else desk.chance.choice(TERMS)
        coins = desk.some_coins()
        tax = coins * 19 // 119 if desk.chance.random() < 0.3 else 0
        return cls(desk.new_key("D"), kind, coins, desk.day(days=30), terms, tax)  # type: ignore[arg-type]

    def _parts(self) -> dict[str, int]:
        """Return the amounts of its items by their names; of the first instalment the share is rounded half up."""
        if self.terms != IN_INSTALMENTS:
            return {self.key: self.coins}
        first = (30 * self.coins + 50) // 100
        return {f"{self.key}/1": first, f"{self.key}/2": self.coins - first}

    def expect(self, books: DecidedBooks) -> None:
        rate, days = {"10/60 net 90": (10, 60), "3/10 net 30": (3, 10)}.get(self.terms or "", (0, 0))
        sign = -1 if self.kind == "credit_memo" else 1
        papers = {
            key: Paper(self.issued_on, self.issued_on, sign * coins, rate, days) for key, coins in self._parts().items()
        }
        books.post(papers, self.CONTRA.get(self.kind, "revenue"), sign * self.tax)

    def document(self, desk: Desk) -> Document:
        """Return it as the service takes it."""
        return Document(
            company_code=desk.company_code,
            number=self.key,
            kind=self.kind,
            customer_id=desk.customer_id,
            issue_date=self.issued_on,
            amount=Money(desk.amount(self.coins), desk.currency),
            payment_terms=self.terms,
            tax_amount=desk.amount(self.tax),
        )

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        (found,) = await post_documents(uow, [self.document(desk)], nobody)
        if isinstance(found, OpenItemError):
            raise found
        self.note(desk, found.item_ids)

    def note(self, desk: Desk, item_ids: Iterable[str]) -> None:
        """Remember the items that it became."""
        desk.ids.update(zip(self._parts(), item_ids, strict=True))
        desk.documents.append(self)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        body = desk.place | {
            "number": self.key,
            "kind": self.kind,
            "customer_id": desk.customer_id,
            "issue_date": str(self.issued_on),
            "amount": desk.written(self.coins),
            "tax_amount": desk.written(self.tax),
        }
        return "/v1/items", body | ({"payment_terms": self.terms} if self.terms else {})

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        self.note(desk, [one["id"] for one in answer["instalments"] or [answer]])


@dataclass
class PostAgain(Step):
    """Post a document that is there already: with the same content nothing happens, with other content it is refused."""

    first: Post
    changed: bool

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        if not desk.documents:
            return None
        return cls(desk.chance.choice(desk.documents), desk.chance.random() < 0.7)

    def expect(self, books: DecidedBooks) -> None:
        refuse(item_exists=self.changed)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        again = replace(self.first, coins=self.first.coins + self.changed)
        (found,) = await post_documents(uow, [again.document(desk)], nobody)
        if isinstance(found, OpenItemError):
            raise found
        assert not found.created

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        return replace(self.first, coins=self.first.coins + self.changed).ask(desk)


@dataclass
class Receive(Step):
    """Take money in, from the customer or from somebody unknown."""

    key: str
    coins: int
    value_date: date
    known: bool

    @classmethod
    def draw(cls, desk: Desk) -> Step:
        return cls(desk.new_key("R"), desk.some_coins(), desk.day(days=30), desk.chance.random() < 0.8)

    def expect(self, books: DecidedBooks) -> None:
        books.receive(self.key, self.coins, self.value_date, known=self.known)

    def receipt(self, desk: Desk) -> Receipt:
        """Return it as the service takes it."""
        desk.ids[self.key] = new_id("rcp")
        return Receipt(
            receipt_id=desk.ids[self.key],
            method="wire",
            company_code=desk.company_code,
            customer_id=desk.customer_id if self.known else None,
            amount=desk.amount(self.coins),
            currency=desk.currency,
            value_date=self.value_date,
            postable_from=self.value_date,
        )

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        await receive_payment(uow, self.receipt(desk), recorder=desk.recorder, ask_owner=nobody)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        payer = {"customer_id": desk.customer_id} if self.known else {}
        body = {"method": "wire", "amount": desk.written(self.coins), "value_date": str(self.value_date)}
        return "/v1/receipts", desk.place | body | payer

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        desk.ids[self.key] = answer["id"]


@dataclass
class Identify(Step):
    """Say whose receipt it is."""

    receipt: str

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        receipts = desk.books.receipts
        unknown = [key for key, one in receipts.items() if not one.known] or list(receipts)
        return cls(desk.chance.choice(unknown)) if unknown else None

    def expect(self, books: DecidedBooks) -> None:
        books.identify(self.receipt)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        receipt_id = desk.ids[self.receipt]
        await identify_receipt(uow, receipt_id, customer_id=desk.customer_id, ask_owner=nobody)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        return f"/v1/receipts/{desk.ids[self.receipt]}/identify", {"customer_id": desk.customer_id}


@dataclass
class Apply(Step):
    """Apply a receipt to some items, reasonably or not, or put money on account."""

    key: str
    receipt: str
    wants: list[Want]
    on_account: int
    day: date | None

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        chance, books = desk.chance, desk.books
        rich = [key for key, one in books.receipts.items() if one.held.total()]
        if not books.receipts or (not rich and chance.random() < 0.8):
            return None
        receipt = chance.choice(rich if rich and chance.random() < 0.9 else list(books.receipts))
        money = books.receipts[receipt]
        items = [key for key, one in books.items.items() if one.balance] or list(books.items)
        chosen = chance.sample(items, min(len(items), chance.choice((0, 1, 1, 1, 2, 3))))
        left, wants = money.held.total(), []
        for item in sorted(chosen, key=lambda one: books.items[one].balance):
            wants.append(cls._want(desk, item, left, money.value_date))
            left = max(left - wants[-1].amount, 0)
        if wants and chance.random() < 0.03:
            wants.append(chance.choice((wants[0], Want("nowhere", 100), Want("a stranger's", 100))))
        on_account = chance.choice((0, 0, 0, left, min(left, 10 * books.coins))) if wants else max(left, 1)
        day = desk.day(days=90) if chance.random() < 0.2 else None
        return cls(desk.new_key("A"), receipt, wants, on_account, day)

    @staticmethod
    def _want(desk: Desk, key: str, left: int, paid_on: date) -> Want:
        chance, item = desk.chance, desk.books.items[key]
        if chance.random() < 0.08:
            return Want(key, chance.choice((0, -1, item.balance + 1, -item.balance, 2 * abs(item.balance))))
        if item.balance <= 0:
            return Want(key, item.balance if chance.random() < 0.6 else item.balance // 2 or -1)
        style = chance.choice(("full", "full", "discount", "tolerance", "short", "short"))
        if style == "discount":
            earned = item.discount(item.balance, paid_on) + (chance.random() < 0.1)
            return Want(key, item.balance - earned, discount=earned)
        if style == "tolerance":
            small = min(5 * desk.books.coins, abs(item.amount) // 100, item.balance) + (chance.random() < 0.1)
            return Want(key, item.balance - small, tolerance=small)
        if style == "full" and left >= item.balance:
            return Want(key, item.balance)
        part = min(left, item.balance) if chance.random() < 0.5 else item.balance // 2
        carry = chance.choice((None, "partial", "residual", "residual", "dispute"))
        return Want(key, part or 1, carry=carry, reason="price" if chance.random() < 0.95 else None)

    def expect(self, books: DecidedBooks) -> None:
        books.apply(self.key, self.receipt, self.wants, on_account=self.on_account, day=self.day)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        wanted = tuple(
            Wanted(
                item_id=desk.ids.get(want.item, want.item),
                amount=desk.amount(want.amount),
                discount=desk.amount(want.discount),
                tolerance_write_off=desk.amount(want.tolerance),
                shortfall=want.carry,  # type: ignore[arg-type]
                reason_code=want.reason,
            )
            for want in self.wants
        )
        decision = Decision(wanted=wanted, on_account=desk.amount(self.on_account), posting_date=self.day)
        receipt_id = desk.ids[self.receipt]
        _, row = await apply_receipt(uow, receipt_id, decision, recorder=desk.recorder, ask_owner=nobody)
        desk.ids[self.key] = row.application_id
        if any(want.carry == "residual" for want in self.wants):
            made = await allocations_of(uow.session, row)
            for want, allocation in zip(self.wants, made, strict=True):
                if allocation.residual_item_id:
                    desk.ids[f"{self.key}/{want.item}"] = allocation.residual_item_id

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        allocations = [
            {
                "item_id": desk.ids.get(want.item, want.item),
                "amount": desk.written(want.amount),
                "discount": desk.written(want.discount),
                "tolerance_write_off": desk.written(want.tolerance),
                "shortfall": want.carry,
                # A reason alone asks for a dispute.
                "reason_code": want.reason if want.carry else None,
            }
            for want in self.wants
        ]
        body = {"allocations": allocations, "on_account": desk.written(self.on_account)}
        return f"/v1/receipts/{desk.ids[self.receipt]}/applications", body | on_day(self.day)

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        desk.ids[self.key] = answer["id"]
        for want, allocation in zip(self.wants, answer["allocations"], strict=True):
            if allocation["residual_item_id"]:
                desk.ids[f"{self.key}/{want.item}"] = allocation["residual_item_id"]


@dataclass
class Reverse(Step):
    """Take an application back."""

    application: str
    day: date

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        applications = desk.books.applications
        active = [key for key, one in applications.items() if one.active]
        if not active and desk.chance.random() < 0.8:
            return None
        some = active if active and desk.chance.random() < 0.85 else list(applications)
        return cls(desk.chance.choice(some), desk.day(days=120)) if some else None

    def expect(self, books: DecidedBooks) -> None:
        books.reverse(self.application, self.day)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        await reverse_application(uow, desk.ids[self.application], posting_date=self.day)

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        return f"/v1/applications/{desk.ids[self.application]}/reverse", on_day(self.day)


@dataclass
class Return(Step):
    """Have the bank take a payment back."""

    key: str
    receipt: str
    day: date
    fee: int
    reason: ReturnReason

    @classmethod
    def draw(cls, desk: Desk) -> Step | None:
        receipts, chance = desk.books.receipts, desk.chance
        standing = [key for key, one in receipts.items() if not one.returned]
        some = standing if standing and chance.random() < 0.85 else list(receipts)
        if not some:
            return None
        fee = desk.books.coins * chance.choice((0, 0, 5))
        return cls(desk.new_key("F"), chance.choice(some), desk.day(days=90), fee, chance.choice(("nsf", "chargeback")))

    def expect(self, books: DecidedBooks) -> None:
        books.give_back(self.key, self.receipt, self.day, self.fee)

    async def do(self, desk: Desk, uow: UnitOfWork) -> None:
        fee = desk.amount(self.fee) if self.fee else None
        exception = await return_receipt(
            uow,
            desk.ids[self.receipt],
            BankReturn(reason=self.reason, value_date=self.day, fee=fee),
            actor=Actor(desk.recorder, nobody),
        )
        if exception.fee_item_id:
            desk.ids[self.key] = exception.fee_item_id

    def ask(self, desk: Desk) -> tuple[str, dict[str, Any]]:
        fee = {"fee": desk.written(self.fee)} if self.fee else {}
        body = {"reason": self.reason, "value_date": str(self.day)}
        return f"/v1/receipts/{desk.ids[self.receipt]}/return", body | fee

    def heard(self, desk: Desk, answer: dict[str, Any]) -> None:
        if fee_item_id := answer["payment_exception"]["fee_item_id"]:
            desk.ids[self.key] = fee_item_id
