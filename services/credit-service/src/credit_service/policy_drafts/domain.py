"""The life of a draft: drafted → simulated → activated, or discarded before.

The one thing to know: what was simulated is what is activated. A draft never changes, and one that was drafted from an earlier
version than the one in force is drafted again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from credit_service.credit_policies.domain import PolicyContent
from shared.errors import ConflictError, NotFoundError

DraftStatus = Literal["drafted", "simulated", "activated", "discarded"]


class DraftNotFoundError(NotFoundError):
    """The policy has no such draft."""

    code = "policy_draft_not_found"

    def __init__(self, risk_class: str, draft_id: str) -> None:
        super().__init__(f"There is no draft {draft_id}: see GET /v1/credit-policies/{risk_class}/drafts.")


class DraftClosedError(ConflictError):
    """The draft was activated or discarded before."""

    code = "policy_draft_closed"

    def __init__(self, draft_id: str, status: str) -> None:
        super().__init__(f"Draft {draft_id} is {status} already: write a new one.")


class DraftNotSimulatedError(ConflictError):
    """Nobody has seen what the draft would do."""

    code = "policy_draft_not_simulated"

    def __init__(self, risk_class: str, draft_id: str) -> None:
        super().__init__(
            f"Draft {draft_id} was not simulated: do so with POST /v1/credit-policies/{risk_class}/drafts/{draft_id}/simulate "
            "and wait for the job."
        )


class DraftOutdatedError(ConflictError):
    """Another version came into force since."""

    code = "policy_draft_outdated"

    def __init__(self, draft_id: str, base_version: int, version: int) -> None:
        super().__init__(
            f"Draft {draft_id} was drafted from version {base_version}, version {version} is in force: draft it again from that."
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft. `base_version` was in force when it was written; `simulation` is the summary of the last one."""

    draft_id: str
    risk_class: str
    base_version: int
    content: PolicyContent
    status: DraftStatus
    drafted_by: str
    drafted_at: datetime
    note: str | None = None
    simulated_at: datetime | None = None
    simulation: dict[str, Any] | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    activated_version: int | None = None

    def ensure_open(self) -> None:
        """Raise `DraftClosedError` where it was activated or discarded."""
        if self.status in ("activated", "discarded"):
            raise DraftClosedError(self.draft_id, self.status)

    def ensure_may_be_activated(self, version: int) -> None:
        """Raise `DraftClosedError`, `DraftNotSimulatedError`, and `DraftOutdatedError` where another `version` is in force."""
        self.ensure_open()
        if self.status != "simulated":
            raise DraftNotSimulatedError(self.risk_class, self.draft_id)
        if self.base_version != version:
            raise DraftOutdatedError(self.draft_id, self.base_version, version)
