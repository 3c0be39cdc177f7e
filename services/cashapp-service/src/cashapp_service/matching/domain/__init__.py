"""Matching a receipt to customers and open items: facts in, ranked proposals with their evidence out."""

from cashapp_service.matching.domain.amount_search import OLDEST_MAX
from cashapp_service.matching.domain.candidates import ALIKE_MAX, Candidates
from cashapp_service.matching.domain.document_numbers import Writing, keys_in_text, keys_of_number, match_keys
from cashapp_service.matching.domain.facts import Customer, KnownPayer, LearnedPayer, OpenItem, Receipt, RemittanceLine
from cashapp_service.matching.domain.mentions import implied_keys
from cashapp_service.matching.domain.proposals import (
    AUTOMATIC_CONFIDENCE_MIN,
    Allocation,
    Evidence,
    Method,
    Proposal,
    Shortfall,
)
from cashapp_service.matching.domain.verdict import propose
from cashapp_service.matching.domain.vocabulary import REASON_CODES

__all__ = [
    "ALIKE_MAX",
    "AUTOMATIC_CONFIDENCE_MIN",
    "OLDEST_MAX",
    "REASON_CODES",
    "Allocation",
    "Candidates",
    "Customer",
    "Evidence",
    "KnownPayer",
    "LearnedPayer",
    "Method",
    "OpenItem",
    "Proposal",
    "Receipt",
    "RemittanceLine",
    "Shortfall",
    "Writing",
    "implied_keys",
    "keys_in_text",
    "keys_of_number",
    "match_keys",
    "propose",
]
