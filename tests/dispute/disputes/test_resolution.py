from decimal import Decimal

import pytest

from dispute_service.disputes.domain.resolution import (
    AuthorityExceededError,
    ContradictoryResolutionError,
    ResolvedAmountError,
    ensure_authority,
    ensure_consistent,
    granted_by,
)
from shared.events.dispute import Outcome, Resolution
from shared.money import Money

LIMITS = {"dispute_coordinator": Decimal(5000)}


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("outcome", "resolution", "amount"),
    [
        ("valid", "credit_memo", "50.00"),
        ("partially_valid", "settlement", "0.01"),
        ("partially_valid", "write_off", "50.00"),
        ("invalid", "collect", "0.00"),
        ("invalid", "collect", "50.00"),
    ],
)
def test_a_decision_that_holds_together_is_taken(outcome: Outcome, resolution: Resolution, amount: str) -> None:
    ensure_consistent(outcome, resolution, amount=eur(amount), disputed=eur("50.00"))


@pytest.mark.parametrize(
    ("outcome", "resolution"), [("invalid", "credit_memo"), ("valid", "collect"), ("partially_valid", "collect")]
)
def test_only_an_invalid_claim_ends_with_collect(outcome: Outcome, resolution: Resolution) -> None:
    with pytest.raises(ContradictoryResolutionError):
        ensure_consistent(outcome, resolution, amount=eur("50.00"), disputed=eur("50.00"))


@pytest.mark.parametrize(
    ("outcome", "amount"),
    [("valid", "50.01"), ("valid", "49.99"), ("partially_valid", "0.00"), ("partially_valid", "50.01")],
)
def test_an_amount_that_does_not_go_with_the_outcome_is_refused(outcome: Outcome, amount: str) -> None:
    with pytest.raises(ResolvedAmountError):
        ensure_consistent(outcome, "credit_memo", amount=eur(amount), disputed=eur("50.00"))


def test_an_invalid_claim_is_granted_nothing() -> None:
    assert granted_by("invalid", eur("50.00")) == eur("0.00")
    assert granted_by("valid", eur("50.00")) == eur("50.00")


@pytest.mark.parametrize(
    ("roles", "granted", "allowed"),
    [
        (["dispute_coordinator"], "5000.00", True),
        (["dispute_coordinator"], "5000.01", False),
        (["controller"], "9000000.00", True),
        (["admin"], "9000000.00", True),
        (["collector"], "0.01", False),
        (["collector", "controller"], "5000.01", True),
    ],
)
def test_a_role_grants_up_to_and_including_its_authority(roles: list[str], granted: str, allowed: bool) -> None:
    if allowed:
        ensure_authority(eur(granted), roles=roles, limits=LIMITS)
    else:
        with pytest.raises(AuthorityExceededError):
            ensure_authority(eur(granted), roles=roles, limits=LIMITS)
