"""Shapes of replays on the wire."""

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_decisions.domain.verdict import Decision
from credit_service.credit_policies.domain import Reaction
from credit_service.decision_replays.domain import Replay, Told
from shared.days import Day
from shared.http.edge import Body


class ReplaysBody(Body):
    """Which decisions are made again; without a choice, all of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"since": "2026-03-01", "sample_pct": 10}]})

    customer_id: str | None = Field(
        default=None, min_length=1, max_length=64, description="Only decisions on this customer's orders"
    )
    since: Day | None = Field(default=None, description="Decisions as of this day or later")
    sample_pct: int = Field(default=100, ge=1, le=100, description="Share of them in per cent, the same ones each time")


class ReplayedObjection(BaseModel):
    """A rule that objected, without its wording."""

    rule: str = Field(description="Which rule of the policy")
    actual: str | None = Field(description="What the rule found; null where it compares nothing")
    limit: str | None = Field(description="What the rule allows; null where it compares nothing")
    reaction: Reaction = Field(description="What the policy does about it: `none`, `warn`, `hold` or `reject`")


class ReplayedDecision(BaseModel):
    """A decision with its objections."""

    decision: Decision = Field(description="`approved`, `held` or `rejected`")
    objections: list[ReplayedObjection] = Field(description="Each rule that did not pass")

    @classmethod
    def of(cls, told: Told) -> "ReplayedDecision":
        """Return what was told as it is shown."""
        names = ("rule", "actual", "limit", "reaction")
        objections = [ReplayedObjection.model_validate(dict(zip(names, one, strict=True))) for one in told.objections]
        return cls(decision=told.decision, objections=objections)


class DecisionReplay(BaseModel):
    """A decision made again on the facts, by the policy version that it saw."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision_id": "chk_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "identical": True,
                    "stored": {"decision": "approved", "objections": []},
                    "again": {"decision": "approved", "objections": []},
                    "differences": [],
                }
            ]
        }
    )

    decision_id: str = Field(description="OpenItem's identifier of the decision")
    identical: bool = Field(description="Whether both decisions are the same")
    stored: ReplayedDecision = Field(description="As it was decided")
    again: ReplayedDecision = Field(description="As it is decided again from the stored facts")
    differences: list[str] = Field(description="What differs, in words")

    @classmethod
    def of(cls, decision_id: str, replay: Replay) -> "DecisionReplay":
        """Return a replay as it is shown."""
        return cls(
            decision_id=decision_id,
            identical=not replay.differences,
            stored=ReplayedDecision.of(replay.stored),
            again=ReplayedDecision.of(replay.again),
            differences=replay.differences,
        )
