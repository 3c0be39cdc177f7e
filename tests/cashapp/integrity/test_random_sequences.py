"""Random sequences of deeds against the real database: each step does what the books say, or leaves no trace; every law holds.

`make laws` runs more of them with another seed; `OPENITEM_SEED` and `OPENITEM_SEQUENCES` choose.
"""

import os

import pytest
import uvloop

from tests.cashapp.integrity.sequences import HALVES, live_through

SEED = int(os.environ.get("OPENITEM_SEED", "20261122"))
SEQUENCES = int(os.environ.get("OPENITEM_SEQUENCES", "2000"))
COHORT = 100
FAR_APART = 1_000_000


@pytest.mark.parametrize(
    "half", [pytest.param(number, marks=pytest.mark.xdist_group(f"half-{number}")) for number in range(HALVES)]
)
def test_any_sequence_of_deeds_keeps_every_law_and_agrees_with_the_books(cashapp_database: str, half: int) -> None:
    seed = SEED + half * FAR_APART
    print(f"OPENITEM_SEED={seed}")
    sequences = max(SEQUENCES // HALVES, 1)

    seen = uvloop.run(live_through(cashapp_database, seed=seed, sequences=sequences, size=COHORT))

    assert seen["steps"] >= 50 * sequences
    print(dict(seen))
