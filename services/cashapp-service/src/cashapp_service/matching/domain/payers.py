"""Who paid: customers told from the payer's account, name, or customer number, each with what speaks for it."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from cashapp_service.matching.domain.vocabulary import LEGAL_FORMS

_TRUNCATED_MIN = 8


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


def normalised_account(account: str) -> str:
    """Return an account without blanks and punctuation, so that two ways of writing it compare equal."""
    return re.sub(r"[^A-Z0-9]", "", account.upper())


def normalised_name(name: str) -> tuple[str, ...]:
    """Return the words that make a name: without accents, legal forms and punctuation.

    "ue", "oe" and "ae" fall together with the umlauts and with the bare vowels, since banks write all three.
    """
    bare = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    letters = "".join(character for character in bare if not unicodedata.combining(character))
    letters = re.sub(r"(?<=\b\w)\.", "", letters)
    words = re.findall(r"[^\W_]+", letters.replace("ue", "u").replace("oe", "o").replace("ae", "a"))
    kept = tuple(word for word in words if word not in LEGAL_FORMS)
    return kept or tuple(words)


def names_alike(payer: tuple[str, ...], customer: tuple[str, ...]) -> bool:
    """Return whether one name is the other cut short, or holds all words of a name of at least two."""
    left, right = "".join(payer), "".join(customer)
    shorter = min(len(left), len(right))
    if shorter >= _TRUNCATED_MIN and (left.startswith(right) or right.startswith(left)):
        return True
    return len(customer) > 1 and shorter >= _TRUNCATED_MIN and set(customer) <= set(payer)
