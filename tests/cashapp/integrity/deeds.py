"""All that people do, with how often: a sequence is drawn from these."""

from dataclasses import replace

from tests.cashapp.integrity.decided_steps import (
    AskRefund,
    AskWriteOff,
    Close,
    DecideRefund,
    DecideWriteOff,
    Recover,
    ReverseRecovery,
    ReverseRefund,
    ReverseWriteOff,
)
from tests.cashapp.integrity.steps import Apply, Desk, Identify, Post, PostAgain, Receive, Return, Reverse, Step

DEEDS: tuple[tuple[type[Step], int], ...] = (
    (Post, 24),
    (PostAgain, 3),
    (Receive, 22),
    (Identify, 3),
    (Apply, 24),
    (Reverse, 7),
    (Return, 3),
    (AskRefund, 4),
    (DecideRefund, 5),
    (ReverseRefund, 2),
    (AskWriteOff, 4),
    (DecideWriteOff, 5),
    (ReverseWriteOff, 2),
    (Recover, 4),
    (ReverseRecovery, 2),
    (Close, 2),
)
OVER_HTTP = tuple((kind, weight) for kind, weight in DEEDS if kind is not Close)
"""A period is closed over HTTP only by a checklist, which has tests of its own."""


def rival(desk: Desk, step: Step) -> Step:
    """Return a step that is after the same: the same once more, as from a second tab, or another receipt for the same items."""
    again = replace(step, key=desk.new_key(step.key[0])) if hasattr(step, "key") else replace(step)  # type: ignore[type-var]
    others = [key for key, one in desk.books.receipts.items() if one.known and one.held.total()]
    if isinstance(again, Apply) and others and desk.chance.random() < 0.7:
        again.receipt = desk.chance.choice(others)
    return again


def draw(desk: Desk, deeds: tuple[tuple[type[Step], int], ...] = DEEDS) -> Step:
    """Draw the next step."""
    while True:
        (kind,) = desk.chance.choices([kind for kind, _ in deeds], [weight for _, weight in deeds])
        if (step := kind.draw(desk)) is not None:
            return step
