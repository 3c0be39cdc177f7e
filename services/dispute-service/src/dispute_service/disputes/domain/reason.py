"""Reason codes: what the customer says. Each belongs to a family, which sets priority and days to answer.

The one thing to know: any well-formed code is taken, since companies have their own; the families of the field are known.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Priority = Literal["high", "medium", "low"]

CODE_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"
"""A reason or root-cause code; it is kept in small letters."""


@dataclass(frozen=True, slots=True)
class ReasonFamily:
    """Reasons that are worked alike."""

    name: str
    priority: Priority
    days_to_answer: int


OTHER = ReasonFamily("other", "medium", 14)

FAMILIES = {
    family.name: family
    for family in (
        OTHER,
        ReasonFamily("price", "high", 10),
        ReasonFamily("quantity", "high", 10),
        ReasonFamily("damage", "high", 14),
        ReasonFamily("freight", "medium", 14),
        ReasonFamily("tax", "high", 10),
        ReasonFamily("late_delivery", "medium", 14),
        ReasonFamily("promotion", "medium", 21),
        ReasonFamily("unearned_discount", "low", 7),
        ReasonFamily("duplicate", "high", 5),
        ReasonFamily("returned_goods", "medium", 21),
        ReasonFamily("missing_proof_of_delivery", "high", 5),
        ReasonFamily("missing_purchase_order", "high", 5),
        ReasonFamily("contract_terms", "medium", 21),
    )
}
"""The families of domain.md, by name; a family's name is also a reason code."""

_SYNONYMS = {
    "pricing": "price",
    "price_difference": "price",
    "shortage": "quantity",
    "short_shipment": "quantity",
    "short_delivery": "quantity",
    "damaged": "damage",
    "quality": "damage",
    "penalty": "late_delivery",
    "rebate": "promotion",
    "discount": "unearned_discount",
    "duplicate_invoice": "duplicate",
    "returns": "returned_goods",
    "return": "returned_goods",
    "missing_pod": "missing_proof_of_delivery",
    "missing_po": "missing_purchase_order",
    "contract": "contract_terms",
}


def well_formed_or_other(code: str) -> str:
    """Return a code that came with a payment as it is kept, `other` where it is none: the case is opened anyway."""
    return code.lower() if re.fullmatch(CODE_PATTERN, code) else OTHER.name


def family_of(reason_code: str) -> ReasonFamily:
    """Return the family of a code in its normal form; `OTHER` for one of the company's own."""
    word = reason_code.replace("-", "_")
    return FAMILIES.get(_SYNONYMS.get(word, word), OTHER)


def due_on(reason_code: str, opened_on: date) -> date:
    """Return the day by which the customer is to have an answer; on that day itself the case is not late."""
    return opened_on + timedelta(days=family_of(reason_code).days_to_answer)
