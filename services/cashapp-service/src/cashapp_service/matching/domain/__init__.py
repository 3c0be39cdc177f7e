"""Matching a receipt to customers and open items: facts in, ranked proposals with their evidence out."""

from cashapp_service.matching.domain.candidates import Candidates
from cashapp_service.matching.domain.document_numbers import keys_in_text, keys_of_number, match_keys
from cashapp_service.matching.domain.facts import Customer, KnownPayer, LearnedPayer, OpenItem, Receipt, RemittanceLine
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
    "AUTOMATIC_CONFIDENCE_MIN",
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
    "keys_in_text",
    "keys_of_number",
    "match_keys",
    "propose",
]
