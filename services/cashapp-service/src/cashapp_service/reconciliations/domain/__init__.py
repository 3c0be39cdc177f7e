"""The rules of a cash reconciliation."""

from cashapp_service.reconciliations.domain.bank_side import BankBalance, StatementFacts, bank_balance
from cashapp_service.reconciliations.domain.pairing import Debit, NegativePosting, Pair, pair
from cashapp_service.reconciliations.domain.reconciliation import (
    BOOK_SIDE,
    Cause,
    CauseKind,
    Listed,
    Reconciliation,
    State,
    bank_causes,
)

__all__ = [
    "BOOK_SIDE",
    "BankBalance",
    "Cause",
    "CauseKind",
    "Debit",
    "Listed",
    "NegativePosting",
    "Pair",
    "Reconciliation",
    "State",
    "StatementFacts",
    "bank_balance",
    "bank_causes",
    "pair",
]
