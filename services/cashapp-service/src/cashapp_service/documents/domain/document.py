"""A document as the ERP posts it, and the items that it makes.

The one thing to know: a document makes one item, or one for each instalment of its payment terms (`RE-17/1`, `RE-17/2` …), which
come to its amount exactly and are posted by one journal entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cashapp_service.customers.domain import Debtor
from cashapp_service.documents.domain.lines import check_decimals, taxed
from cashapp_service.items.domain.item import NUMBER_MAX, Item
from shared.business_days import calendar_for
from shared.errors import ConflictError, InvalidError, differing
from shared.events.cashapp import ItemKind
from shared.ids import new_id
from shared.money import Money, exact
from shared.payment_terms import PaymentTerms
from shared.values import value

MEMOS = frozenset({"credit_memo", "debit_memo"})


class ItemExistsError(ConflictError):
    """The number is taken by a document with other content."""

    code = "item_exists"

    def __init__(self, company_code: str, number: str, fields: list[str]) -> None:
        super().__init__(
            f"Company {company_code} has another document {number}: it differs in {', '.join(fields)}."
            " Send the same content, or another number.",
            errors=differing(fields),
        )


class UnreadableTermsError(InvalidError):
    """The document has no due date, and no payment terms give one."""

    code = "no_due_date"

    def __init__(self, detail: str) -> None:
        super().__init__(f"Send due_date or payment_terms: {detail}", field="payment_terms")


class DueBeforeIssueError(InvalidError):
    """The document would have been due before it was issued."""

    code = "due_before_issue"

    def __init__(self, issue_date: date) -> None:
        super().__init__(f"The due date must not lie before the issue date {issue_date}.", field="due_date")


class NotForInstalmentsError(InvalidError):
    """What is asked for cannot be had with payment terms in instalments."""

    code = "not_for_instalments"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class NotForThisKindError(InvalidError):
    """A field has no meaning for this kind of document."""

    code = "not_for_this_kind"

    def __init__(self, kind: str, detail: str, *, field: str) -> None:
        super().__init__(f"A document of kind {kind} has none: {detail}", field=field)


@dataclass(frozen=True, slots=True)
class Deduction:
    """A down-payment request that an invoice settles: all that was paid of it, or `amount`."""

    number: str
    amount: Decimal | None = None


@value(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as the ERP posts it: its amount is positive whatever its kind."""

    company_code: str
    number: str
    kind: ItemKind
    customer_id: str
    issue_date: date
    amount: Money
    posting_date: date | None = None
    due_date: date | None = None
    payment_terms: str | None = None
    order_id: str | None = None
    po_number: str | None = None
    reference: str | None = None
    reason_code: str | None = None
    refers_to: str | None = None
    tax_amount: Decimal | None = None
    lines: tuple[dict[str, Any], ...] = ()
    down_payments: tuple[Deduction, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Company code and number."""
        return self.company_code, self.number

    @property
    def posted_on(self) -> date:
        """The day on which it counts in the ledger."""
        return self.posting_date or self.issue_date

    def items(self, debtor: Debtor) -> tuple[Item, ...]:
        """Return the items that posting the document makes, the one due first foremost, as their issue leaves them.

        Raises `UnreadableTermsError`, `InvalidPaymentTermsError`, `DueBeforeIssueError`, `NotForInstalmentsError`,
        `NotForThisKindError`, and what `taxed` refuses.
        """
        self._check_kind()
        tax = taxed(self.lines, self.amount, self.tax_amount).tax
        terms = self._terms(debtor.payment_terms)
        if terms is None or not terms.instalments:
            return (self._item(terms, self.amount.amount, tax, debtor.country),)
        return self._instalments(terms, tax, debtor.country)

    def _check_kind(self) -> None:
        if self.kind not in MEMOS:
            if self.reason_code is not None:
                raise NotForThisKindError(self.kind, "reason_code belongs to memos.", field="reason_code")
            if self.refers_to is not None:
                raise NotForThisKindError(self.kind, "refers_to belongs to memos.", field="refers_to")
        if self.kind != "invoice" and self.down_payments:
            raise NotForThisKindError(self.kind, "an invoice settles down payments.", field="down_payments")
        for position, one in enumerate(self.down_payments):
            check_decimals(one.amount or Decimal(0), self.amount.currency, field=f"down_payments.{position}.amount")

    def _instalments(self, terms: PaymentTerms, tax: Decimal, country: str | None) -> tuple[Item, ...]:
        if self.due_date is not None:
            raise NotForInstalmentsError(
                "Instalments have due dates of their own: leave due_date out.", field="due_date"
            )
        count = len(terms.instalments)
        if len(self.number) + 1 + len(str(count)) > NUMBER_MAX:
            raise NotForInstalmentsError(
                f"With /1 to /{count} behind it the number is longer than {NUMBER_MAX} characters.", field="number"
            )
        amounts, taxes = terms.split(self.amount), terms.split(Money(tax, self.amount.currency))
        if not all(amounts):
            raise NotForInstalmentsError(f"{self.amount} is too little for {count} instalments.", field="amount")
        return tuple(
            self._item(one.terms, amount.amount, part.amount, country, instalment=position)
            for position, (one, amount, part) in enumerate(zip(terms.instalments, amounts, taxes, strict=True), start=1)
        )

    def _item(
        self,
        terms: PaymentTerms | None,
        amount: Decimal,
        tax: Decimal,
        country: str | None,
        *,
        instalment: int | None = None,
    ) -> Item:
        signed = -amount if self.kind == "credit_memo" else amount
        return Item(
            item_id=new_id("itm"),
            company_code=self.company_code,
            number=f"{self.number}/{instalment}" if instalment else self.number,
            document_number=self.number,
            instalment=instalment,
            kind=self.kind,
            customer_id=self.customer_id,
            issue_date=self.issue_date,
            posting_date=self.posted_on,
            due_date=self._due_date(terms, country),
            postable_from=self.posted_on,
            amount=signed,
            # Minus zero is a decimal of its own.
            tax_amount=exact(-tax if tax and signed < 0 else tax, self.amount.currency),
            balance=signed,
            version=1,
            last_posting_date=self.posted_on,
            currency=self.amount.currency,
            payment_terms=str(terms) if terms else None,
            order_id=self.order_id,
            po_number=self.po_number,
            reference=self.reference,
            reason_code=self.reason_code,
            refers_to=self.refers_to,
            submission="pending",
        )

    def _due_date(self, terms: PaymentTerms | None, country: str | None) -> date:
        due_date = self.due_date
        if due_date is None and terms is not None:
            calendar = calendar_for(terms, country=country) if terms.holidays else None
            due_date = terms.due_date(self.issue_date, calendar)
        if due_date is not None and due_date < self.issue_date:
            raise DueBeforeIssueError(self.issue_date)
        return due_date or self.issue_date

    def _terms(self, customers_terms: str) -> PaymentTerms | None:
        """Return the terms that hold: the document's, or the customer's where it names no due date either."""
        if self.payment_terms is not None:
            return PaymentTerms.parse(self.payment_terms)
        if self.due_date is not None or self.kind == "credit_memo":
            return None
        try:
            return PaymentTerms.parse(customers_terms)
        except InvalidError as error:
            raise UnreadableTermsError(f"those of the customer do not tell. {error.detail}") from None

    def differences(
        self, items: Sequence[Item], lines: list[dict[str, Any]], *, settled: Mapping[str, Decimal | None]
    ) -> list[str]:
        """Return the fields in which `items` (as they were posted, with the first one's `lines`) are not what this document would
        have made; `settled` has what they deducted of down-payment requests, by number.
        """
        first = items[0]
        deducted = {
            one.number: settled.get(one.number) if one.amount is None else one.amount for one in self.down_payments
        }
        made: dict[str, tuple[Any, Any]] = {
            "kind": (self.kind, first.kind),
            "customer_id": (self.customer_id, first.customer_id),
            "issue_date": (self.issue_date, first.issue_date),
            "posting_date": (self.posted_on, first.posted_on),
            "amount": (self.amount.amount, abs(sum((one.amount for one in items), Decimal(0)))),
            "currency": (self.amount.currency, first.currency),
            "order_id": (self.order_id, first.order_id),
            "po_number": (self.po_number, first.po_number),
            "reference": (self.reference, first.reference),
            "reason_code": (self.reason_code, first.reason_code),
            "refers_to": (self.refers_to, first.refers_to),
            "lines": (list(self.lines), lines),
            "down_payments": (deducted, dict(settled)),
        }
        if self.due_date is not None:
            made["due_date"] = (self.due_date, first.due_date)
        if self.tax_amount is not None:
            made["tax_amount"] = (self.tax_amount, abs(sum((one.tax_amount for one in items), Decimal(0))))
        if self.payment_terms is not None:
            terms = PaymentTerms.parse(self.payment_terms)
            sent = [str(one.terms) for one in terms.instalments] or [str(terms)]
            made["payment_terms"] = (sent, [one.payment_terms for one in items])
        return [name for name, (sent, stored) in made.items() if sent != stored]
