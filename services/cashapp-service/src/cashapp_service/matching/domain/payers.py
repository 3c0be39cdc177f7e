"""Who paid: customers told from the payer's account, name, or customer number, each with what speaks for it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum


class Sureness(IntEnum):
    """How surely a payer is a customer. `ACCOUNT` and above are as good as signed."""

    NONE = 0
    NUMBER = 1
    NAME_ALIKE = 2
    NAME = 3
    LEARNED = 4
    ACCOUNT = 5
    GIVEN = 6


# Confidence in a receipt's customer where nothing but the payer tells it: below any document that is named.
PAYER_CONFIDENCE = {
    Sureness.NUMBER: Decimal("0.60"),
    Sureness.NAME_ALIKE: Decimal("0.60"),
    Sureness.NAME: Decimal("0.75"),
    Sureness.LEARNED: Decimal("0.86"),
    Sureness.ACCOUNT: Decimal("0.87"),
    Sureness.GIVEN: Decimal("0.88"),
}


@dataclass(frozen=True, slots=True)
class PayerFinding:
    """That the payer is this customer: how surely, and the sentence that says why."""

    customer_id: str
    sureness: Sureness
    detail: str


@dataclass(frozen=True, slots=True)
class PayingGroup:
    """The customers whose items a payer may pay, told by what `finding` says.

    The receipt is that of `head`, a customer among them; None for a third party that is none: then whose items it pays tells.
    """

    head: str | None
    members: frozenset[str]
    finding: PayerFinding


def only_paid_for(
    groups: Sequence[PayingGroup], named: Collection[str], payers: Mapping[str, PayerFinding]
) -> set[str]:
    """Return who of `named` did not seem to pay itself, because somebody did who pays for it, or for several of them."""
    paid_for = {
        member for group in groups if group.head or len(group.members & set(named)) > 1 for member in group.members
    }
    return set(named) & paid_for - payers.keys()


def pays_for_others(group: PayingGroup, named: Collection[str], payers: Mapping[str, PayerFinding]) -> bool:
    """Return whether items of these customers are paid for by a group: not where it is who owes them that seems to have paid."""
    concerned = group.members & set(named)
    return not concerned <= {group.head} and not (len(concerned) == 1 and concerned <= payers.keys())


def rival_of(
    members: Collection[str], payers: Mapping[str, PayerFinding], groups: Sequence[PayingGroup]
) -> PayerFinding | None:
    """Return who else surely paid: another customer, or somebody that pays for none of these."""
    others = [finding for finding in payers.values() if finding.customer_id not in members]
    others += [group.finding for group in groups if group.head is None and not group.members & set(members)]
    return max(others, key=lambda finding: (finding.sureness, finding.customer_id), default=None)


def normalised_account(account: str) -> str:
    """Return an account without blanks and punctuation, so that two ways of writing it compare equal."""
    return re.sub(r"[^A-Z0-9]", "", account.upper())
