"""Gathering the facts for matching, for one receipt or for a whole file, and learning from what was confirmed.

The one thing to know: accounts are matched by their fingerprints, since that is all that is known of a customer's.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import Customer, CustomerName, fingerprint
from cashapp_service.exchange_rates import use_cases as exchange_rates
from cashapp_service.exchange_rates.domain import StoredRates
from cashapp_service.exchange_rates.use_cases import AskRate
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.matching import domain, repository
from cashapp_service.matching.domain import (
    ALIKE_MAX,
    OLDEST_MAX,
    Candidates,
    Proposal,
    Writing,
    implied_keys,
    keys_in_text,
    keys_of_number,
    propose,
)
from cashapp_service.matching.domain.confidence import EXCHANGE_MAX
from cashapp_service.matching.domain.payers import Sureness
from cashapp_service.payers import use_cases as payers
from cashapp_service.payers.domain import Payer
from cashapp_service.receipts.domain import Receipt
from cashapp_service.tolerance_groups import use_cases as tolerance_groups
from cashapp_service.tolerance_groups.domain import Policies, Policy
from shared.errors import OpenItemError
from shared.money import Money
from shared.unit_of_work import UnitOfWork

BREATH = 50
"""Receipts looked at between two breaths, in which the worker's other parts get their turn."""

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


NO_RATES = StoredRates()


@dataclass(frozen=True, slots=True)
class Found:
    """What matching says of a receipt: its proposals, the surest first, and whose it surely is, if anyone's.

    `rates` are those at which items in other currencies were valued, and which of them are missing.
    """

    proposals: tuple[Proposal, ...]
    customer_id: str | None
    rates: StoredRates = NO_RATES

    @property
    def best(self) -> Proposal | None:
        """The surest proposal."""
        return self.proposals[0] if self.proposals else None

    @property
    def undecided(self) -> OpenItemError | None:
        """Why nobody can tell which proposal is the surest: it might be an exchange, at a rate that could not be asked for."""
        return self.rates.refusal if self.best is None or self.best.confidence <= EXCHANGE_MAX else None

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


async def match(
    session: AsyncSession,
    receipt: Receipt,
    rules: Rules,
    *,
    best_only: bool = False,
    rates: StoredRates = NO_RATES,
) -> Found:
    """Match one receipt: only what it may concern is read, and that of a customer with much open not all of it.

    With `best_only`, nothing further is read where what is named settles what the surest proposal is. With `rates`, items in
    other currencies that are named are valued too: that is only ever proposed.
    """
    facts = facts_of(receipt, written_off=rules.written_off)
    candidates = Candidates()
    read = await _named_items(session, [facts], candidates, company_code=receipt.company_code)
    await _know_payers(session, candidates, [facts], read)
    await _know_groups(session, candidates, await _known_payers(session, facts, candidates))
    await _put(session, candidates, read, facts, rules)
    settled = found(facts, candidates) if best_only else None
    if settled and settled.best and settled.best.settled:
        return settled
    more = await _items_of_payers(session, [facts], candidates, read, company_code=receipt.company_code)
    # All at once: the groups of those that are only named count as well.
    await _put(session, candidates, read | more, facts, rules)
    return found(facts, candidates, rates)


async def stored_rates(session: AsyncSession, receipt: Receipt, ask_rate: AskRate) -> StoredRates:
    """Return what a unit of the receipt's currency was worth on its value date in those of all that it names.

    To be asked before anything is locked.
    """
    named = await items.named_items(session, company_code=receipt.company_code, keys=_keys(facts_of(receipt)))
    others = {item.currency for item in named} - {receipt.currency}
    return await exchange_rates.stored_rates(receipt.value_date, receipt.currency, others, ask_rate)


async def _know_payers(
    session: AsyncSession, candidates: Candidates, receipts: Sequence[domain.Receipt], named: Mapping[str, Item]
) -> None:
    """Tell the candidates who may have paid: whoever has the account, the number or such a name, and whose items are named.

    Of a receipt whose customer is known it is that one, unless something else was learned of its payer.
    """
    unknown = [facts for facts in receipts if facts.customer_id is None]
    names, learned = await _names(session, receipts)
    concerned = await customers.with_marks(
        session,
        accounts={facts.payer_account for facts in unknown if facts.payer_account},
        keys=set().union(*map(_keys, unknown)),
        most=ALIKE_MAX * max(len(unknown), 1),
    )
    concerned |= names | {facts.customer_id for facts in receipts if facts.customer_id is not None}
    if unknown:
        concerned |= {item.customer_id for item in named.values()}
    candidates.know(map(_known, (await customers.find_many(session, concerned)).values()), learned)


async def _names(
    session: AsyncSession, receipts: Sequence[domain.Receipt]
) -> tuple[set[str], list[domain.LearnedPayer]]:
    """Return the customers whose names are like those of payers, and what was learned of names and accounts."""
    accounts = {facts.payer_account for facts in receipts if facts.payer_account}
    learned = await repository.learned_accounts(session, accounts) if accounts else []
    found: list[CustomerName] = []
    for only_learned in (False, True):
        payers_names = {
            facts.payer_name
            for facts in receipts
            if facts.payer_name and (facts.customer_id is not None) is only_learned
        }
        found += await customers.named_like(session, payers_names, only_learned=only_learned, most=ALIKE_MAX)
    learned += [domain.LearnedPayer(one.customer_id, payer_name=one.name) for one in found if one.learned]
    return {one.customer_id for one in found if not one.learned}, learned


async def _known_payers(session: AsyncSession, facts: domain.Receipt, candidates: Candidates) -> list[Payer]:
    return await payers.known_as(
        session,
        candidates.payers(facts, _keys(facts)),
        account_fingerprint=facts.payer_account,
        name=facts.payer_name,
    )


async def _know_groups(session: AsyncSession, candidates: Candidates, told: Iterable[Payer]) -> None:
    """Tell the candidates who is known to pay for others, and who stands below whoever may have paid."""
    known = [_known_payer(payer) for payer in told]
    candidates.know_payers(known)
    heads = candidates.customers | {one for payer in known for one in payer.pays_for}
    for parent_id, customer_id in await customers.groups_below(session, heads):
        candidates.know_below(parent_id, [customer_id])


def _keys(facts: domain.Receipt) -> set[str]:
    """Return the keys of all that a receipt may name."""
    keys = set(keys_in_text(*facts.texts))
    return keys | {key.text for line in facts.remittance for key in keys_of_number(line.number)}


async def _named_items(
    session: AsyncSession, receipts: Sequence[domain.Receipt], candidates: Candidates, *, company_code: str
) -> dict[str, Item]:
    """Return the items that receipts name, whoever's they are; the caller puts them to the candidates with their discount."""
    keys: set[str] = set()
    for done, facts in enumerate(receipts):
        keys |= _keys(facts)
        if done % BREATH == 0:
            await asyncio.sleep(0)
    read = await items.named_items(session, company_code=company_code, keys=keys)
    for item in read:
        candidates.put(items.open_item(item))
    # Lists and ranges imply numbers that no text has, once it is known what they begin with.
    implied = implied_keys((Writing(text) for facts in receipts for text in facts.texts if text), candidates) - keys
    if implied:
        read += await items.named_items(session, company_code=company_code, keys=implied)
    return {item.item_id: item for item in read}


async def _items_of_payers(
    session: AsyncSession,
    receipts: Sequence[domain.Receipt],
    candidates: Candidates,
    named: Mapping[str, Item],
    *,
    company_code: str,
) -> dict[str, Item]:
    """Return the items that those may mean who may have paid, or are named, and put to the candidates of whom it is not all."""
    wanted: set[items.Wanted] = set()
    paid_for: set[items.Wanted] = set()
    for done, facts in enumerate(receipts):
        found_payers = candidates.payers(facts, _keys(facts))
        money = facts.amount.currency, facts.amount.amount
        wanted |= {(customer_id, *money) for customer_id in found_payers}
        groups = candidates.groups(facts, found_payers)
        paid_for |= {(member, *money) for group in groups for member in group.members}
        if done % BREATH == 0:
            await asyncio.sleep(0)
    read, candidates.incomplete = await items.items_of_payers(
        session,
        company_code=company_code,
        payers=wanted,
        paid_for=paid_for,
        named={(item.customer_id, item.currency, Decimal(0)) for item in named.values()},
        most=OLDEST_MAX,
    )
    return {item.item_id: item for item in read}


async def _put(
    session: AsyncSession, candidates: Candidates, read: Mapping[str, Item], facts: domain.Receipt, rules: Rules
) -> None:
    """Put items to the candidates with the discount that is earned on them, as the groups of their customers say."""
    concerned = {*candidates.payers(facts, _keys(facts)), *(item.customer_id for item in read.values())}
    candidates.policies = await tolerance_groups.policies(
        session, rules.company, roles=rules.roles, customer_ids=concerned
    )
    for item in read.values():
        candidates.put(items.open_item(item, discount_on(item, facts.value_date, candidates.policies)))


def found(facts: domain.Receipt, candidates: Candidates, rates: StoredRates = NO_RATES) -> Found:
    """Return the proposals for a receipt and whose it surely is."""
    proposals = propose(facts, candidates, rates=rates.known)
    return Found(proposals, _surely(facts, candidates, proposals), rates)


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
        await customers.learn_name(uow, receipt.customer_id, receipt.payer_name)


class FileMatcher:
    """Matches many receipts against what they may concern, keeping the balances true as it goes.

    Receipts are given in the order of their value dates, because a discount is earned only up to a day.
    """

    def __init__(self, candidates: Candidates, open_items: Iterable[Item]) -> None:
        self._candidates = candidates
        self._items = {item.item_id: item for item in open_items}
        self._discounted = [item.item_id for item in self._items.values() if item.payment_terms and not item.is_credit]
        self._discounts: dict[str, Decimal] = {}
        self._day: date | None = None

    @classmethod
    async def load(
        cls, session: AsyncSession, receipts: Iterable[Receipt], *, company_code: str, rules: Rules
    ) -> "FileMatcher":
        """Read what receipts of a company code may concern, all payers that are known for others, and all tolerance groups."""
        facts = [facts_of(receipt) for receipt in receipts]
        candidates = Candidates(policies=await tolerance_groups.policies(session, rules.company, roles=rules.roles))
        read = await _named_items(session, facts, candidates, company_code=company_code)
        await _know_payers(session, candidates, facts, read)
        await _know_groups(session, candidates, await payers.all_payers(session))
        read |= await _items_of_payers(session, facts, candidates, read, company_code=company_code)
        for item in read.values():
            candidates.put(items.open_item(item))
        return cls(candidates, read.values())

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
