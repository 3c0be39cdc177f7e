from decimal import Decimal

import pytest

from dispute_service.disputes.domain.status import (
    Action,
    ActionNotAllowedError,
    allowed_actions,
    ensure_allowed,
    shown_status,
)
from shared.events.dispute import DisputeStatus
from shared.money import Money

OPEN: list[Action] = ["assign", "note", "escalate", "resolve", "void"]
TABLE: dict[DisputeStatus, list[Action]] = {
    "new": OPEN,
    "in_process": [*OPEN, "wait"],
    "waiting_customer": [*OPEN, "wait", "resume"],
    "waiting_internal": [*OPEN, "wait", "resume"],
    "escalated": ["assign", "note", "resolve", "void"],
    "resolved": ["note", "reopen", "close"],
    "closed": ["note", "reopen"],
    "void": ["note"],
}


@pytest.mark.parametrize("status", TABLE)
def test_a_status_allows_what_the_machine_says_and_nothing_else(status: DisputeStatus) -> None:
    assert set(allowed_actions(status)) == set(TABLE[status])


def test_a_refusal_says_what_is_allowed() -> None:
    with pytest.raises(ActionNotAllowedError, match=r"DSP-000001 is closed, .*: note, reopen"):
        ensure_allowed("assign", number="DSP-000001", status="closed")


@pytest.mark.parametrize(
    ("stage", "disputed", "posted", "shown"),
    [
        ("new", "1.00", False, "new"),
        ("escalated", "0.00", False, "closed"),
        ("resolved", "1.00", False, "resolved"),
        ("resolved", "0.00", True, "closed"),
        ("resolved", "1.00", True, "in_process"),
        ("void", "0.00", False, "void"),
        ("closed", "0.00", False, "closed"),
    ],
)
def test_a_case_is_closed_while_nothing_is_disputed_and_else_shows_its_stage(
    stage: DisputeStatus, disputed: str, posted: bool, shown: DisputeStatus
) -> None:
    assert shown_status(stage, disputed=Money(Decimal(disputed), "EUR"), granted_is_posted=posted) == shown
