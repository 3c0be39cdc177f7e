"""Customers, learned payers and open items, indexed so that one receipt is matched without looking at all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from cashapp_service.matching.domain.document_numbers import Key, Kind, keys_of_number
from cashapp_service.matching.domain.facts import Customer, KnownPayer, LearnedPayer, OpenItem, Receipt
from cashapp_service.matching.domain.names import names_alike, normalised_name
from cashapp_service.matching.domain.payers import PayerFinding, PayingGroup, Sureness, normalised_account
from cashapp_service.tolerance_groups.domain import NOTHING_WITHOUT_ASKING, Policies

ALIKE_MAX = 50
"""Customers that are looked at because of one name, account or number: of more than so many nobody can tell which it is."""


class Candidates:
    """The facts receipts are matched against. Built once for a file; `put` and `remove` keep it true as it goes.

    It needs the customers whom one of the receipts may mean, at most `ALIKE_MAX` for each name, account or number; every
    item whose stored `match_keys` are among the `keys_in_text` of a receipt, whoever's it is, since a number that two customers
    have is a doubt; and the open items of whoever may have paid, the oldest first. Where those are not all, `incomplete` says so.
    """

    def __init__(
        self,
        customers: Iterable[Customer] = (),
        items: Iterable[OpenItem] = (),
        learned_payers: Iterable[LearnedPayer] = (),
        policies: Policies = Policies(NOTHING_WITHOUT_ASKING),
    ) -> None:
        self.policies = policies
        self.incomplete: set[tuple[str, str]] = set()
        """Customers and currencies of whom not all open items were read."""
        self.customers: set[str] = set()
        """Who is known."""
        self._items: dict[str, OpenItem] = {}
        self._by_key: dict[str, set[tuple[str, Kind]]] = defaultdict(set)
        self._by_customer: dict[str, set[str]] = defaultdict(set)
        self._by_account: dict[str, dict[str, Sureness]] = defaultdict(dict)
        self._by_name: dict[tuple[str, ...], dict[str, Sureness]] = defaultdict(dict)
        self._customer_keys: dict[str, set[str]] = defaultdict(set)
        self._children: dict[str, set[str]] = defaultdict(set)
        self._payers: dict[str, KnownPayer] = {}
        # Every name is looked at to find those alike: once for each way in which a payer writes its own.
        self._alike: dict[tuple[str, ...], list[PayerFinding]] = {}
        self.know(customers, learned_payers)
        for item in items:
            self.put(item)

    def know(self, customers: Iterable[Customer], learned_payers: Iterable[LearnedPayer] = ()) -> None:
        """Take in customers, and then what was learned of payers."""
        self._alike.clear()
        customers = list(customers)
        self.customers.update(customer.customer_id for customer in customers)
        for customer in customers:
            self._know(customer)
        for payer in learned_payers:
            self._learn(payer)

    def _know(self, customer: Customer) -> None:
        for account in customer.bank_accounts:
            self._by_account[normalised_account(account)][customer.customer_id] = Sureness.ACCOUNT
        for name in customer.names:
            if words := normalised_name(name):
                self._by_name[words][customer.customer_id] = Sureness.NAME
        for key in keys_of_number(customer.customer_id, Kind.REFERENCE):
            self._customer_keys[key.text].add(customer.customer_id)

        if customer.parent_id:
            self.know_below(customer.parent_id, [customer.customer_id])

    def know_below(self, parent_id: str, customer_ids: Iterable[str]) -> None:
        """Take in that customers stand below another in its group."""
        self._children[parent_id].update(customer_ids)

    def know_payers(self, payers: Iterable[KnownPayer]) -> None:
        """Take in who is known to pay for customers."""
        self._payers |= {payer.payer_id: payer for payer in payers}

    def _learn(self, payer: LearnedPayer) -> None:
        if payer.payer_account:
            known = self._by_account[normalised_account(payer.payer_account)]
            known.setdefault(payer.customer_id, Sureness.LEARNED)
        elif payer.payer_name and (words := normalised_name(payer.payer_name)):
            self._by_name[words].setdefault(payer.customer_id, Sureness.NAME)

    def put(self, item: OpenItem) -> None:
        """Take an item in, or its new balance."""
        if item.item_id in self._items:
            self.remove(item.item_id)
        self._items[item.item_id] = item
        self._by_customer[item.customer_id].add(item.item_id)
        for key in item_keys(item):
            self._by_key[key.text].add((item.item_id, key.kind))

    def remove(self, item_id: str) -> None:
        """Forget an item that is cleared."""
        item = self._items.pop(item_id)
        self._by_customer[item.customer_id].discard(item_id)
        for key in item_keys(item):
            self._by_key[key.text].discard((item_id, key.kind))

    def named(self, key: str) -> list[tuple[OpenItem, Kind]]:
        """Return the items one of whose identifiers has this key."""
        return [(self._items[item_id], kind) for item_id, kind in self._by_key.get(key, ())]

    def open_items(self, customer_id: str, currency: str) -> list[OpenItem]:
        """Return a customer's items in one currency, the oldest due first."""
        items = (self._items[item_id] for item_id in self._by_customer.get(customer_id, ()))
        return sorted((item for item in items if item.balance.currency == currency), key=by_age)

    def payers(self, receipt: Receipt, keys: Iterable[str]) -> dict[str, PayerFinding]:
        """Return the customers that may have paid, each with its surest finding. `keys` are those of the texts."""
        findings: dict[str, PayerFinding] = {}
        for finding in self._payer_findings(receipt, keys):
            known = findings.get(finding.customer_id)
            if known is None or known.sureness < finding.sureness:
                findings[finding.customer_id] = finding
        return findings

    def groups(self, receipt: Receipt, payers: Mapping[str, PayerFinding]) -> list[PayingGroup]:
        """Return for whom the payer may pay beside itself, as an application will see it; `payers` are who it may be.

        Only who is given, or known by account or name, pays for others.
        """
        told = [payer for payer in self._payers.values() if _tells(payer, receipt)]
        others = {customer_id for payer in told for customer_id in payer.pays_for}
        heads = [finding for finding in payers.values() if finding.sureness >= Sureness.NAME]
        groups = [
            PayingGroup(
                finding.customer_id,
                frozenset({finding.customer_id} | others | self._paid_by(finding.customer_id)),
                finding,
            )
            for finding in sorted(heads, key=lambda one: one.customer_id)
        ]
        if not receipt.customer_id and not heads:
            groups += [
                PayingGroup(None, payer.pays_for, _third_party(payer, payer.payer_id, receipt))
                for payer in sorted(told, key=lambda one: one.payer_id)
            ]
        return [group for group in groups if len(group.members) > 1]

    def _paid_by(self, customer_id: str) -> set[str]:
        """Return those below a customer at any depth, and those it is known to pay for."""
        known = self._payers.get(customer_id)
        found, turn = set(known.pays_for if known else ()), [customer_id]
        below: set[str] = set()
        while turn:
            children = self._children.get(turn.pop(), set()) - below
            below |= children
            turn += children
        return found | below

    def _payer_findings(self, receipt: Receipt, keys: Iterable[str]) -> Iterable[PayerFinding]:
        if receipt.customer_id:
            yield PayerFinding(receipt.customer_id, Sureness.GIVEN, "The receipt names the customer.")
        if receipt.payer_account:
            known = self._by_account.get(normalised_account(receipt.payer_account), {})
            for customer_id, sureness in known.items():
                word = "is known for" if sureness is Sureness.ACCOUNT else "paid before for"
                yield PayerFinding(customer_id, sureness, f"The payer's account {word} customer {customer_id}.")
        if receipt.payer_name:
            yield from self._name_findings(receipt.payer_name)
        for payer in self._payers.values():
            if len(payer.pays_for) == 1 and _tells(payer, receipt):
                yield _third_party(payer, next(iter(payer.pays_for)), receipt)
        for key in keys:
            for customer_id in self._customer_keys.get(key, ()):
                yield PayerFinding(customer_id, Sureness.NUMBER, f"The text has the customer number {customer_id}.")

    def _name_findings(self, payer_name: str) -> Iterable[PayerFinding]:
        words = normalised_name(payer_name)
        if not words:
            return
        exact = self._by_name.get(words, {})
        for customer_id, sureness in exact.items():
            yield PayerFinding(customer_id, sureness, f"The payer's name is that of customer {customer_id}.")
        if exact:
            return
        if words not in self._alike:
            findings = sorted(self._names_alike(words), key=lambda one: one.customer_id)
            self._alike[words] = findings[:ALIKE_MAX]
        yield from self._alike[words]

    def _names_alike(self, words: tuple[str, ...]) -> Iterable[PayerFinding]:
        for name, customers in self._by_name.items():
            if names_alike(words, name):
                for customer_id in customers:
                    detail = f"The payer's name is like that of customer {customer_id}."
                    yield PayerFinding(customer_id, Sureness.NAME_ALIKE, detail)


def _tells(payer: KnownPayer, receipt: Receipt) -> bool:
    by_account = payer.account is not None and payer.account == receipt.payer_account
    return by_account or (payer.name is not None and payer.name == receipt.payer_name)


def _third_party(payer: KnownPayer, customer_id: str, receipt: Receipt) -> PayerFinding:
    by_account = payer.account is not None and payer.account == receipt.payer_account
    whom = f"customer {customer_id}" if len(payer.pays_for) == 1 else f"{len(payer.pays_for)} customers"
    sureness = Sureness.LEARNED if by_account else Sureness.NAME
    word = "account" if by_account else "name"
    return PayerFinding(
        customer_id, sureness, f"The payer's {word} is that of {payer.payer_id}, known to pay for {whom}."
    )


def by_age(item: OpenItem) -> tuple[object, ...]:
    """Order items by due date, then number: an order that does not depend on how they were given."""
    return item.due_date, item.number, item.item_id


def item_keys(item: OpenItem) -> frozenset[Key]:
    """Return every key under which an item may be named."""
    keys = keys_of_number(item.number)
    if item.reference:
        keys |= keys_of_number(item.reference, Kind.REFERENCE)
    for order in (item.po_number, item.order_id):
        if order:
            keys |= keys_of_number(order, Kind.ORDER)
    return keys
