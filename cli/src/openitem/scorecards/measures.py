"""How well a score separates those that failed from those that survived."""

import math
from collections.abc import Sequence
from itertools import groupby

Outcome = tuple[float, bool]
"""A score, higher is better, and whether the company failed."""


def auc(outcomes: Sequence[Outcome]) -> float:
    """Return the area under the ROC curve: the chance that a survivor's score is above that of a failed one, ties half.

    Raises `ValueError` where nobody failed or nobody survived.
    """
    failed_in_all = sum(failed for _, failed in outcomes)
    survived_in_all = len(outcomes) - failed_in_all
    if not failed_in_all or not survived_in_all:
        raise ValueError("an area under the curve needs companies that failed and companies that survived")
    worse, area = 0, 0.0
    for _, group in groupby(sorted(outcomes), key=lambda one: one[0]):
        members = [failed for _, failed in group]
        failed = sum(members)
        area += (len(members) - failed) * (worse + failed / 2)
        worse += failed
    return area / (failed_in_all * survived_in_all)


def auc_error(area: float, *, failed: int, survived: int) -> float:
    """Return the standard error of an area under the curve (Hanley and McNeil 1982)."""
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (failed - 1) * (first - area**2) + (survived - 1) * (second - area**2)
    return math.sqrt(variance / (failed * survived))
