"""Puts companies to the trial: what their ratios score by a table of points, and how well that tells who fails.

The one thing to know: the points that ship were set by three quarters of the companies (`place` from 0.25 on); the rest has
not been seen by them. Beside that, the points are fitted anew without each fifth of the companies, and that fifth is scored
by them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from credit_service.financial_statements.domain.ratios import RatioValue, z2_of
from credit_service.scorecards.domain.scorecard import NumericFactor
from credit_service.scorecards.domain.scoring import FactorValue, exact_score, score_of
from openitem.scorecards.companies import Company
from openitem.scorecards.fitting import fit
from openitem.scorecards.measures import Outcome, auc

HELD_OUT = 0.25
FOLDS = 5
Table = Sequence[NumericFactor]


@dataclass(frozen=True, slots=True)
class Band:
    """Companies whose scores lie from one bound to the next: how many, and how many of them failed."""

    score_from: int
    size: int
    failed: int


def score(company: Company, table: Table) -> float:
    """Return a company's score, 0 to 1,000, by the ratios alone."""
    exact = exact_score(tuple(score_of(one, FactorValue(company.ratios[one.factor])) for one in table))
    assert exact is not None, "every ratio has points, also a missing one"
    return float(exact)


def outcomes(companies: Sequence[Company], table: Table) -> list[Outcome]:
    """Return the score of each company with whether it failed; it is known of each."""
    return [(score(company, table), bool(company.failed)) for company in companies]


def z2_outcomes(companies: Sequence[Company]) -> list[Outcome]:
    """Return Altman's Z'' of those companies that have one, with whether they failed."""
    found = []
    for company in companies:
        z2 = z2_of({name: RatioValue(name, value, None) for name, value in company.ratios.items()}).value
        if z2 is not None:
            found.append((float(z2), bool(company.failed)))
    return found


def seen(companies: Sequence[Company]) -> list[Company]:
    """Return the companies by which the points that ship were set."""
    return [company for company in companies if company.place >= HELD_OUT]


def unseen(companies: Sequence[Company]) -> list[Company]:
    """Return the companies that were held out of it."""
    return [company for company in companies if company.place < HELD_OUT]


def both_in_every_part(companies: Sequence[Company]) -> bool:
    """Tell whether each fold, and what is held out, has companies that failed and companies that survived."""
    folds = [[each for each in companies if int(each.place * FOLDS) == fold] for fold in range(FOLDS)]
    return all({bool(each.failed) for each in part} == {True, False} for part in (*folds, unseen(companies)))


def out_of_fold(companies: Sequence[Company]) -> list[list[Outcome]]:
    """Return the outcomes of each fifth of the companies by points fitted without it, also the choice of ratios."""
    folds = []
    for fold in range(FOLDS):
        inside = [company for company in companies if int(company.place * FOLDS) == fold]
        table = fit([company for company in companies if int(company.place * FOLDS) != fold])
        folds.append(outcomes(inside, table))
    return folds


def bands(scores: Sequence[Outcome], *, width: int = 100) -> list[Band]:
    """Return how many failed in each band of the score, the lowest first."""
    sizes: dict[int, list[int]] = {}
    for points, failed in scores:
        counted = sizes.setdefault(min(int(points) // width * width, 1000 - width), [0, 0])
        counted[0] += 1
        counted[1] += failed
    return [Band(score_from, size, failed) for score_from, (size, failed) in sorted(sizes.items())]


def pooled_auc(folds: Sequence[Sequence[Outcome]]) -> float:
    """Return the area under the curve of all folds together."""
    return auc([outcome for fold in folds for outcome in fold])
