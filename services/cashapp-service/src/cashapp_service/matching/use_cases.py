"""Gathering the facts for matching, for one receipt or for a whole file, and learning from what was confirmed.

The one thing to know: accounts are matched by their fingerprints, since that is all that is known of a customer's.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import Customer, fingerprint
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.matching import domain, repository
from cashapp_service.matching.domain import Candidates, Proposal, keys_in_text, keys_of_number, propose
from cashapp_service.matching.domain.payers import Sureness
from cashapp_service.payers import use_cases as payers
from cashapp_service.payers.domain import Payer
from cashapp_service.receipts.domain import Receipt
from cashapp_service.tolerance_groups import use_cases as tolerance_groups
from cashapp_service.tolerance_groups.domain import Policies, Policy
from shared.money import Money
from shared.unit_of_work import UnitOfWork

IDENTIFIED_CONFIDENCE_MIN = Decimal("0.90")
"""A proposal at least this sure tells the payer; below it the payer must be known by account or name."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Under which a receipt is matched: the company's policy, and the roles of whoever would apply it.

    `written_off` is what the receipt's applications wrote off before, in its currency.
    """

    company: Policy
    roles: Collection[str]
    written_off: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Found:
    """What matching says of a receipt: its proposals, the surest first, and whose it surely is, if anyone's."""

    proposals: tuple[Proposal, ...]
    customer_id: str | None

    @property
    def best(self) -> Proposal | None:
        """The surest proposal."""
        return self.proposals[0] if self.proposals else None

    @property
    def shown(self) -> dict[str, Any] | None:
        """The surest proposal's evidence, as a receipt shows it."""
        return evidence_of(self.best) if self.best else None


def evidence_of(proposal: Proposal) -> dict[str, Any]:
    """Return how sure a proposal is and why, as it is stored and shown."""
    return {
        "confidence": str(proposal.confidence),
        "method": proposal.method.value,
        "explanation": [{"detail": one.detail, "supports": one.supports} for one in proposal.explanation],
    }


def facts_of(receipt: Receipt, *, written_off: Decimal = Decimal(0)) -> domain.Receipt:
    """Return a receipt as matching is told of it: what is left of it, and all that the payer wrote."""
    currency = receipt.currency
    return domain.Receipt(
        amount=Money(receipt.available if receipt.version else receipt.amount, currency),
        value_date=receipt.value_date,
        purpose=receipt.purpose,
        references=tuple(text for text in (receipt.reference, receipt.order_id) if text),
        payer_name=receipt.payer_name,
        payer_account=fingerprint(receipt.payer_account) if receipt.payer_account else None,
        customer_id=receipt.customer_id,
        remittance=tuple(
            domain.RemittanceLine(
                number=line["number"],
                amount=Money(Decimal(line["amount"]), currency),
                discount=Money(Decimal(line["discount"]), currency) if line.get("discount") else None,
                reason_code=line.get("reason_code"),
            )
            for line in receipt.remittance
        ),
        received=Money(receipt.amount, currency),
        written_off=Money(written_off, currency),
    )


def _known(customer: Customer) -> domain.Customer:
    return domain.Customer(customer.customer_id, customer.names, customer.bank_account_fingerprints, customer.parent_id)


def _known_payer(payer: Payer) -> domain.KnownPayer:
    return domain.KnownPayer(payer.payer_id, frozenset(payer.pays_for), payer.account_fingerprint, payer.name)


def discount_on(item: Item, paid_on: date, policies: Policies) -> Decimal:
    """Return the cash discount earned when an item's whole balance is paid on a day.

    None where nothing would be left to pay: no payment tells of such an item.
    """
    days = policies.of(item.customer_id).discount_grace_days
    earned = item.earned_discount(paid_on, cleared=item.balance, grace_days=days)
    return earned if earned < item.balance else Decimal(0)


async def match(session: AsyncSession, receipt: Receipt, rules: Rules) -> Found:
    """Match one receipt: only what it may concern is read."""
    facts = facts_of(receipt, written_off=rules.written_off)
    keys = set(keys_in_text(*facts.texts))
    keys |= {key.text for line in facts.remittance for key in keys_of_number(line.number)}
    if receipt.customer_id is not None:
        known = list((await customers.find_many(session, [receipt.customer_id])).values())
    else:
        known = await customers.all_customers(session)
    candidates = Candidates(map(_known, known), learned_payers=await repository.learned_payers(session))
    found_payers = candidates.payers(facts, keys)
    known_payers = await payers.known_as(
        session, found_payers, account_fingerprint=facts.payer_account, name=receipt.payer_name
    )
    candidates.know_payers(map(_known_payer, known_payers))
    if receipt.customer_id is not None:
        candidates.know_below(receipt.customer_id, await customers.all_below(session, receipt.customer_id))
    found_payers = candidates.payers(facts, keys)
    paid_for = {member for group in candidates.groups(facts, found_payers) for member in group.members}
    concerned = await items.open_items(
        session,
        currency=receipt.currency,
        company_code=receipt.company_code,
        keys=keys,
        customer_ids=found_payers,
        paid_for=paid_for,
        amount=facts.amount.amount,
    )
    candidates.policies = await tolerance_groups.policies(
        session,
        rules.company,
        roles=rules.roles,
        customer_ids=list({*found_payers, *(item.customer_id for item in concerned)}),
    )
    for item in concerned:
        candidates.put(items.open_item(item, discount_on(item, receipt.value_date, candidates.policies)))
    return found(facts, candidates)


def found(facts: domain.Receipt, candidates: Candidates) -> Found:
    """Return the proposals for a receipt and whose it surely is."""
    proposals = propose(facts, candidates)
    return Found(proposals, _surely(facts, candidates, proposals))


def _surely(facts: domain.Receipt, candidates: Candidates, proposals: Sequence[Proposal]) -> str | None:
    """Return the customer that a sure proposal names, else the one known by account or name without a rival."""
    if facts.customer_id:
        return facts.customer_id
    if proposals and proposals[0].confidence >= IDENTIFIED_CONFIDENCE_MIN:
        return proposals[0].customer_id
    findings = candidates.payers(facts, ()).values()
    surest = max((one.sureness for one in findings), default=Sureness.NONE)
    known = [one.customer_id for one in findings if one.sureness == surest]
    return known[0] if surest >= Sureness.NAME and len(known) == 1 else None


async def proposals(session: AsyncSession, receipt: Receipt, rules: Rules) -> tuple[Proposal, ...]:
    """Return ranked proposals for what is left of a receipt."""
    return (await match(session, receipt, rules)).proposals


async def learn(uow: UnitOfWork, receipt: Receipt) -> None:
    """Remember that a person confirmed whose receipt it is."""
    if receipt.customer_id is None:
        return
    if receipt.payer_account:
        await repository.confirm(
            uow.session, kind="account", payer=fingerprint(receipt.payer_account), customer_id=receipt.customer_id
        )
    elif receipt.payer_name:
        await repository.confirm(uow.session, kind="name", payer=receipt.payer_name, customer_id=receipt.customer_id)


class FileMatcher:
    """Matches many receipts against everything that is open, keeping the balances true as it goes.

    Receipts are given in the order of their value dates, because a discount is earned only up to a day.
    """

    def __init__(self, candidates: Candidates, open_items: Iterable[Item]) -> None:
        self._candidates = candidates
        self._items = {item.item_id: item for item in open_items}
        self._discounted = [item.item_id for item in self._items.values() if item.payment_terms and not item.is_credit]
        self._discounts: dict[str, Decimal] = {}
        self._day: date | None = None

    @classmethod
    async def load(cls, session: AsyncSession, *, company_code: str, rules: Rules) -> "FileMatcher":
        """Read all customers, learned payers, tolerance groups and the open items of a company code."""
        known = await customers.all_customers(session)
        open_items = await items.all_open_items(session, company_code)
        candidates = Candidates(
            map(_known, known),
            map(items.open_item, open_items),
            await repository.learned_payers(session),
            await tolerance_groups.policies(session, rules.company, roles=rules.roles),
        )
        candidates.know_payers(map(_known_payer, await payers.all_payers(session)))
        return cls(candidates, open_items)

    def pays_for(self, receipt: Receipt) -> frozenset[str]:
        """Return whose items a receipt of a known customer may pay beside its own."""
        facts = facts_of(receipt)
        groups = self._candidates.groups(facts, self._candidates.payers(facts, ()))
        return frozenset(member for group in groups for member in group.members)

    def policy(self, receipt: Receipt) -> Policy:
        """Return what may be done without asking with a receipt of a known customer."""
        assert receipt.customer_id is not None
        return self._candidates.policies.of(receipt.customer_id)

    def match(self, receipt: Receipt) -> Found:
        """Match one receipt."""
        self._turn_to(receipt.value_date)
        return found(facts_of(receipt), self._candidates)

    def item(self, item_id: str) -> Item:
        """Return an item as it is by now."""
        return self._items[item_id]

    def changed(self, item: Item) -> None:
        """Take note of an item's new balance."""
        self._items[item.item_id] = item
        if item.balance:
            self._candidates.put(items.open_item(item, self._discount(item)))
        else:
            self._candidates.remove(item.item_id)

    def _discount(self, item: Item) -> Decimal:
        assert self._day is not None
        return discount_on(item, self._day, self._candidates.policies)

    def _turn_to(self, day: date) -> None:
        if day == self._day:
            return
        self._day = day
        for item_id in self._discounted:
            item = self._items[item_id]
            discount = self._discount(item) if item.balance else Decimal(0)
            if discount != self._discounts.get(item_id, Decimal(0)):
                self._discounts[item_id] = discount
                if item.balance:
                    self._candidates.put(items.open_item(item, discount))
