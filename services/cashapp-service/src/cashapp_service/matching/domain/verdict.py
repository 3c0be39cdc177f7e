"""From a receipt and the candidates to ranked proposals: who paid, which items, how.

The one thing to know: amounts alone never make a proposal automatic. Only documents that are named do, and only
where nothing speaks against them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from cashapp_service.matching.domain.amount_search import Found, find_by_amount
from cashapp_service.matching.domain.candidates import Candidates, by_age
from cashapp_service.matching.domain.confidence import (
    ACROSS_AMOUNT_MAX,
    ACROSS_CUSTOMERS_MAX,
    DOUBTFUL_MAX,
    EXCHANGE_MAX,
    MORE_NAMED_MAX,
    UNSURE_AMOUNT_MAX,
    Judgement,
    judge_amount,
    judge_named,
)
from cashapp_service.matching.domain.document_numbers import Kind, Strength, Writing, fold
from cashapp_service.matching.domain.exchange import exchanged
from cashapp_service.matching.domain.facts import OpenItem, Receipt
from cashapp_service.matching.domain.mentions import Mention, confirmed, find_mentions
from cashapp_service.matching.domain.payers import PayerFinding, PayingGroup, only_paid_for, pays_for_others, rival_of
from cashapp_service.matching.domain.proposals import Evidence, Method, Proposal
from cashapp_service.matching.domain.remittance import from_remittance
from cashapp_service.matching.domain.spreading import (
    Spread,
    as_far_as_it_goes,
    exactly,
    in_full,
    with_a_credit,
    with_discount,
)
from cashapp_service.matching.domain.tolerance import Allowance, allowance, within_tolerance
from cashapp_service.matching.domain.vocabulary import REASON_CODES
from cashapp_service.tolerance_groups.domain import NOTHING_WITHOUT_ASKING
from shared.money import Money

SHORTFALL_SHARE_MAX = Decimal("0.5")
PROPOSALS_MAX = 20


@dataclass(frozen=True, slots=True)
class _Case:
    """Whose items may be paid (`members`), and all that the receipt says about them and about others.

    The receipt would be that of `customer_id`, one of them; None where the items tell whose it is.
    """

    receipt: Receipt
    customer_id: str | None
    members: frozenset[str]
    items: list[OpenItem]
    mentions: list[Mention]
    named_elsewhere: list[Mention]
    payer: PayerFinding | None
    rival: PayerFinding | None
    reason_codes: tuple[str, ...]
    allowed: Allowance
    complete: bool


def propose(
    receipt: Receipt,
    candidates: Candidates,
    *,
    reason_codes: Collection[str] = REASON_CODES,
    rates: Mapping[str, Decimal] | None = None,
) -> tuple[Proposal, ...]:
    """Return proposals for a receipt, the surest first; none where nobody can be told to have paid.

    `reason_codes` are the codes that, found in the text, make a payment that falls short a short payment; `rates` are units
    of other currencies for one of the receipt's.
    """
    if receipt.amount <= Money.zero(receipt.amount.currency):
        return ()
    writings = [Writing(text) for text in receipt.texts if text]
    keys = {key for writing in writings for span in writing.spans() for key in (span.grouped, span.compact)}
    payers = candidates.payers(receipt, keys)
    groups = candidates.groups(receipt, payers)
    if told := from_remittance(receipt, candidates, payers, groups):
        return _ranked(told)
    mentions = find_mentions(writings, candidates)
    said = _Said(receipt, candidates, mentions, payers, groups, _reason_codes(receipt, reason_codes))
    proposals = [
        proposal
        for customer_id in sorted(said.customers)
        for proposal in _for_customer(said.case(customer_id, frozenset({customer_id}), payers.get(customer_id)), payers)
    ]
    for group in groups:
        proposals += _for_group(said.case(group.head, group.members, group.finding), group, payers)
    for currency, rate in sorted((rates or {}).items()):
        proposals += _exchanges(said, currency, rate)
    return _ranked(proposals)


def _ranked(proposals: list[Proposal]) -> tuple[Proposal, ...]:
    """Return the proposals surest first, each set of allocations once, in an order that depends on nothing else."""
    proposals.sort(key=lambda found: (-found.confidence, found.customer_id, found.method, repr(found.allocations)))
    once: dict[tuple[object, ...], Proposal] = {}
    for proposal in proposals:
        once.setdefault((proposal.customer_id, frozenset(proposal.allocations)), proposal)
    sure = [proposal for proposal in once.values() if proposal.automatic]
    ranked = [_contested(one) if one.automatic and len(sure) > 1 else one for one in once.values()]
    return tuple(ranked)[:PROPOSALS_MAX]


def _contested(proposal: Proposal) -> Proposal:
    """Return a sure proposal as one that another, as sure, speaks against: whose receipt it is decides a person."""
    doubt = Evidence("Another customer may as well have paid.", supports=False)
    return replace(
        proposal,
        confidence=min(proposal.confidence, ACROSS_CUSTOMERS_MAX),
        explanation=(*proposal.explanation, doubt),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """All that a receipt says, before it is looked at from one customer's or one group's side."""

    receipt: Receipt
    candidates: Candidates
    mentions: list[Mention]
    payers: dict[str, PayerFinding]
    groups: list[PayingGroup]
    reason_codes: tuple[str, ...]

    @property
    def customers(self) -> set[str]:
        """Who may have paid for itself: not who is only named by one that pays for it."""
        if self.receipt.customer_id:
            return {self.receipt.customer_id}
        named = {mention.item.customer_id for mention in self.mentions}
        return named - only_paid_for(self.groups, named, self.payers) | set(self.payers)

    def case(self, customer_id: str | None, members: frozenset[str], payer: PayerFinding | None) -> _Case:
        """Return what is said of some customers' items."""
        currency = self.receipt.amount.currency
        own = [
            mention
            for mention in self.mentions
            if mention.item.customer_id in members and mention.item.balance.currency == currency
        ]
        kept = {mention.item.item_id for mention in own}
        policy = self.candidates.policies.of(customer_id) if customer_id else NOTHING_WITHOUT_ASKING
        return _Case(
            receipt=self.receipt,
            customer_id=customer_id,
            members=members,
            items=[item for one in sorted(members) for item in self.candidates.open_items(one, currency)],
            mentions=own,
            named_elsewhere=[
                mention
                for mention in self.mentions
                if mention.item.item_id not in kept
                and mention.strength is Strength.FULL
                and mention.kind is not Kind.ORDER
            ],
            payer=payer,
            rival=rival_of(members, self.payers, self.groups),
            reason_codes=self.reason_codes,
            allowed=allowance(self.receipt, policy),
            complete=not any((one, currency) in self.candidates.incomplete for one in members),
        )


def _exchanges(said: _Said, currency: str, rate: Decimal) -> Iterator[Proposal]:
    """Yield, for each customer of whom only items in this other currency are named, what the receipt is worth there."""
    for customer_id in sorted({mention.item.customer_id for mention in said.mentions}):
        if said.receipt.customer_id not in (None, customer_id):
            continue
        case = said.case(customer_id, frozenset({customer_id}), said.payers.get(customer_id))
        named = [
            mention for mention in said.mentions if mention.item.customer_id == customer_id and not mention.implied
        ]
        sure = [mention for mention in named if mention.strength is Strength.FULL and mention.kind is not Kind.ORDER]
        if not sure or any(mention.item.balance.currency != currency for mention in named):
            continue
        found = exchanged(_in_order(sure), said.receipt.amount, rate, said.candidates.policies.of(customer_id))
        if found is None:
            continue
        judgement = judge_named(Method.NAMED_EXCHANGE, sure, case.payer, case.rival)
        judgement.supported(found.detail)
        judgement.at_most(EXCHANGE_MAX, f"They are in {currency}: a person decides at which rate they are paid.")
        proposal = _proposal(case, found.spread, Method.NAMED_EXCHANGE, judgement)
        yield replace(proposal, rates=((currency, rate),))


def _reason_codes(receipt: Receipt, known: Collection[str]) -> tuple[str, ...]:
    """Return the reason codes that the texts hold as words of their own, in the spelling of the list."""
    text = fold(" ".join(receipt.texts))
    found = []
    for code in sorted(known):
        words = r"[ _-]?".join(re.escape(fold(word)) for word in code.split("_"))
        if re.search(rf"(?<![^\W_]){words}(?![^\W_])", text):
            found.append(code)
    return tuple(found)


def _for_customer(case: _Case, payers: dict[str, PayerFinding]) -> Iterator[Proposal]:
    named = _named(case)
    if named:
        yield named
    if case.payer is None:
        return
    rivals = sum(finding.sureness == case.payer.sureness for finding in payers.values()) - 1
    on_account = Found(Method.ON_ACCOUNT, Spread((), case.receipt.amount), "No open item comes to this amount.")
    # Where documents are surely named, the amount alone is no better guess.
    surely_named = named and any(mention.strength is Strength.FULL for mention in case.mentions)
    found = [] if surely_named else list(find_by_amount(case.items, case.receipt.amount, complete=case.complete))
    for guess in [*found, on_account]:
        judgement = judge_amount(guess.method, case.payer, rivals)
        judgement.supported(guess.detail)
        if guess.unsure:
            judgement.at_most(UNSURE_AMOUNT_MAX, guess.unsure)
        yield _proposal(case, guess.spread, guess.method, judgement)


def _for_group(case: _Case, group: PayingGroup, payers: dict[str, PayerFinding]) -> Iterator[Proposal]:
    """Yield proposals for items of those that the payer pays for; those of its own are looked at by themselves."""
    customers = {mention.item.customer_id for mention in case.mentions}
    if pays_for_others(group, customers, payers) and (named := _named(case)):
        yield named
    if customers:
        return
    assert case.payer is not None
    amount = case.receipt.amount
    fits = [item for item in case.items if item.balance == amount and item.customer_id != case.customer_id]
    for item in sorted(fits, key=by_age)[:PROPOSALS_MAX]:
        judgement = judge_amount(Method.AMOUNT_EXACT, case.payer, 0)
        judgement.supported(f"The balance of {item.number} of customer {item.customer_id} is the amount received.")
        judgement.at_most(ACROSS_AMOUNT_MAX, "Nothing says for which customer it was paid.")
        if len(fits) > 1:
            judgement.at_most(UNSURE_AMOUNT_MAX, f"{len(fits)} items have this balance.")
        yield _proposal(case, Spread((in_full(item),), Money.zero(amount.currency)), Method.AMOUNT_EXACT, judgement)


def _named(case: _Case) -> Proposal | None:
    """Return the proposal for the documents that are named: the first reading whose balances fit the amount."""
    readings = list(_readings(case.mentions))
    for mentions in readings:
        items = _in_order(mentions)
        for method, spread in (
            (Method.NAMED_EXACT, exactly(items, case.receipt.amount)),
            (Method.NAMED_DISCOUNT, with_discount(items, case.receipt.amount)),
        ):
            if spread:
                proven = [confirmed(mention) if mention.implied else mention for mention in mentions]
                return _judged(case, method, spread, proven)
    return _netted(case, readings[0]) or _tolerated(case, readings) or _inexact(case, readings[0]) if readings else None


def _readings(mentions: list[Mention]) -> Iterator[list[Mention]]:
    """Yield the sets of items that the texts may mean, the surest first and each once."""
    plain = [mention for mention in mentions if not mention.implied]
    full = [mention for mention in plain if mention.strength is Strength.FULL and mention.kind is not Kind.ORDER]
    orders = [mention for mention in plain if mention.kind is Kind.ORDER]
    documents = [mention for mention in plain if mention.kind is not Kind.ORDER]
    implied = [mention for mention in mentions if mention.implied]
    likely = [mention for mention in documents if mention.strength is Strength.LIKELY]
    seen: set[frozenset[str]] = set()
    singles = [[mention] for mention in likely]
    for reading in (full, full + implied, documents, documents + implied, orders, full + orders, likely, *singles):
        key = frozenset(mention.item.item_id for mention in reading)
        if key and key not in seen:
            seen.add(key)
            yield reading


def _in_order(mentions: list[Mention]) -> list[OpenItem]:
    return sorted((mention.item for mention in mentions), key=by_age)


def _netted(case: _Case, mentions: list[Mention]) -> Proposal | None:
    """Return the proposal where an open credit memo that is not named makes the named balances what was paid."""
    items = _in_order(mentions)
    zero = Money.zero(case.receipt.amount.currency)
    named = {item.item_id for item in items}
    memos = [item for item in case.items if item.balance < zero and item.item_id not in named]
    spread = with_a_credit(items, memos, case.receipt.amount)
    return _judged(case, Method.NAMED_CREDIT, spread, mentions) if spread else None


def _tolerated(case: _Case, readings: list[list[Mention]]) -> Proposal | None:
    """Return the proposal for the first reading of which so little is missing that it may be written off.

    That proves no list or range: what is only implied stays a doubt.
    """
    for mentions in readings:
        if spread := within_tolerance(_in_order(mentions), case.receipt.amount, case.allowed):
            return _judged(case, Method.NAMED_TOLERANCE, spread, mentions)
    return None


def _inexact(case: _Case, mentions: list[Mention]) -> Proposal | None:
    """Return the proposal where the named balances are not what was paid: a rest is short or over."""
    amount, items = case.receipt.amount, _in_order(mentions)
    total = Money.total((item.balance for item in items), amount.currency)
    code = case.reason_codes[0] if case.reason_codes and total > amount else None
    spread = as_far_as_it_goes(items, amount, reason_code=code)
    if spread is None:
        return None
    if total < amount:
        return _judged(case, Method.NAMED_OVERPAYMENT, spread, mentions)
    if code is None:
        return _judged(case, Method.NAMED_PARTIAL, spread, mentions)
    return _short(case, spread, mentions, items, total - amount)


def _short(case: _Case, spread: Spread, mentions: list[Mention], items: list[OpenItem], shortfall: Money) -> Proposal:
    judgement = judge_named(Method.NAMED_SHORT_PAYMENT, mentions, case.payer, case.rival)
    code = case.reason_codes[0]
    judgement.supported(f"{shortfall} is missing, and the text gives the reason {code}.")
    if len(case.reason_codes) > 1:
        judgement.at_most(DOUBTFUL_MAX, f"It may also mean {', '.join(case.reason_codes[1:])}.")
    if len(items) > 1:
        judgement.at_most(MORE_NAMED_MAX, "Several documents are named, and which one is short is not said.")
    elif shortfall.amount > items[0].balance.amount * SHORTFALL_SHARE_MAX:
        judgement.at_most(DOUBTFUL_MAX, f"More than half of {items[0].number} is missing.")
    return _concluded(case, Method.NAMED_SHORT_PAYMENT, spread, judgement)


_SENTENCES = {
    Method.NAMED_EXACT: "Their balances come to exactly the amount received.",
    Method.NAMED_DISCOUNT: "Their balances less the cash discount earned come to exactly the amount received.",
    Method.NAMED_CREDIT: "With an open credit memo netted they come to exactly the amount received.",
}


def _judged(case: _Case, method: Method, spread: Spread, mentions: list[Mention]) -> Proposal:
    judgement = judge_named(method, mentions, case.payer, case.rival)
    total = Money.total((mention.item.balance for mention in mentions), case.receipt.amount.currency)
    if method is Method.NAMED_TOLERANCE:
        judgement.supported(_written_off(spread, case.receipt.amount.currency))
    elif sentence := _SENTENCES.get(method):
        judgement.supported(sentence)
    elif method is Method.NAMED_PARTIAL:
        judgement.at_most(DOUBTFUL_MAX, f"{total - case.receipt.amount} is missing, and no reason is given.")
    else:
        judgement.at_most(DOUBTFUL_MAX, f"{case.receipt.amount - total} more was paid than is open.")
    if method is Method.NAMED_CREDIT:
        judgement.at_most(DOUBTFUL_MAX, "The credit memo is not named.")
    return _concluded(case, method, spread, judgement)


def _written_off(spread: Spread, currency: str) -> str:
    written_off = Money.total((one.tolerance for one in spread.allocations if one.tolerance), currency)
    discounted = " and the cash discount earned" if any(one.discount for one in spread.allocations) else ""
    return f"Their balances less {written_off}{discounted} come to the amount received: that is within the tolerance."


def _concluded(case: _Case, method: Method, spread: Spread, judgement: Judgement) -> Proposal:
    """Return the proposal, lowered where the text names documents that it leaves out, or where it guesses for whom it is."""
    for doubt in _across_doubts(case, method, spread):
        judgement.at_most(ACROSS_CUSTOMERS_MAX, doubt)
    taken = {allocation.item_id for allocation in spread.allocations}
    left_out = [
        mention
        for mention in [*case.mentions, *case.named_elsewhere]
        if mention.item.item_id not in taken and mention.strength is Strength.FULL and mention.kind is not Kind.ORDER
    ]
    for mention in left_out:
        item = mention.item
        judgement.at_most(
            MORE_NAMED_MAX,
            f"{item.number} of customer {item.customer_id} ({item.balance}) is named too and left out.",
        )
    return _proposal(case, spread, method, judgement)


def _across_doubts(case: _Case, method: Method, spread: Spread) -> Iterator[str]:
    """Yield why items of several customers, or of another than who pays, are not taken by itself."""
    if len(case.members) == 1:
        return
    taken = {allocation.item_id for allocation in spread.allocations}
    customers = {item.customer_id for item in case.items if item.item_id in taken}
    if len(customers) > 1 and method not in (Method.NAMED_EXACT, Method.NAMED_DISCOUNT):
        yield f"Of {len(customers)} customers items are named, and whose is not paid in full is not said."
    for mention in case.mentions:
        exact = mention.strength is Strength.FULL and mention.kind in (Kind.NUMBER, Kind.REFERENCE)
        if mention.item.item_id in taken and not exact:
            yield f"{mention.item.number} of customer {mention.item.customer_id} is not named exactly."


def _proposal(case: _Case, spread: Spread, method: Method, judgement: Judgement) -> Proposal:
    return Proposal(
        customer_id=case.customer_id or _whose(case.items, spread),
        allocations=spread.allocations,
        on_account=spread.on_account,
        confidence=judgement.confidence,
        method=method,
        explanation=tuple(judgement.evidence),
    )


def _whose(items: list[OpenItem], spread: Spread) -> str:
    """Return whose receipt it is that a third party paid: that of the oldest item's customer, as good as any of them."""
    taken = {allocation.item_id for allocation in spread.allocations}
    return min((item for item in items if item.item_id in taken), key=by_age).customer_id
