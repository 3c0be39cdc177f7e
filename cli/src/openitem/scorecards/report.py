"""The report on the scorecard's financial part, as Markdown."""

from collections.abc import Iterable, Sequence

from credit_service.financial_statements.domain.ratios import RATIOS
from credit_service.scorecards.domain.scorecard import GivePoints, NumericFactor
from openitem.scorecards.companies import COLUMNS, Company
from openitem.scorecards.measures import Outcome, auc, auc_error
from openitem.scorecards.trial import (
    FOLDS,
    HELD_OUT,
    Table,
    bands,
    out_of_fold,
    outcomes,
    pooled_auc,
    seen,
    unseen,
    z2_outcomes,
)

OPENING = """# The scorecard's financial part

Written by `make scorecard-report` (`openitem scorecard-report FILE`); do not edit. It shows how well Altman's Z'' and the
points of the default scorecard's financial ratios separate companies that failed within a year from those that survived.
`openitem scorecard-score FILE` scores other companies, with or without known outcome.

**Data.** {companies:,} statements, {failed} of companies that failed. Source: Tomczak, S. (2016), *Polish Companies
Bankruptcy*, UCI Machine Learning Repository, dataset 365 (CC BY 4.0), fifth year. Equal rows stay together in every split,
which goes by a hash of the row.

**How the points were set.** Each of {candidates} ratios is cut into twenty bins of equal size, and neighbours are merged that
do not differ (chi-square). A bin's weight of evidence is the logarithm of its odds of surviving over those of all. The ten
ratios with the most information are taken of which no two say the same (correlation below 0.7); a logistic regression says
how much each adds. A ratio's worst bin gets 0 points, its best 100, and its weight is how far the two lie apart. `openitem
scorecard-fit FILE` repeats it.

**What is missing** gets points of its own where data speak for them, and only half of what they say is believed. A ratio that
is missing mostly with companies that failed tells how the file was gathered (sales growth is such a one); it gets the points
of an average company. Where there is no statement at all, the ratios are left out of the score.
"""
AREAS = """
## Area under the curve

The chance that a surviving company scores above a failed one; 0.5 is none, 1 is certainty.

| measured on | companies | failed | area | standard error |
| --- | --- | --- | --- | --- |
"""
TABLE = """
## Points

Score = 10 × Σ(weight × points) / Σ weight, 0 (worst) to 1,000. A bin takes values up to and including its bound, above that
of the one before. Bins are as the data have them, also where the points do not rise from one to the next, as with interest
cover. A credit manager evens out or changes any of it with `PUT /v1/scorecards/default`.

| ratio | is | column | weight | points |
| --- | --- | --- | --- | --- |
"""
CALIBRATION = """
## Failures by band of the score

By the points that ship, on the companies held out of setting them, and on all.

| score | held out | failed | rate | all | failed | rate |
| --- | --- | --- | --- | --- | --- | --- |
"""


def report(companies: Sequence[Company], table: Table) -> str:
    """Return the report; the outcome of each company is known."""
    failed = sum(bool(company.failed) for company in companies)
    opening = OPENING.format(companies=len(companies), failed=failed, candidates=len(COLUMNS))
    return opening + AREAS + _areas(companies, table) + TABLE + _points(table) + CALIBRATION + _bands(companies, table)


def area(scores: Sequence[Outcome]) -> str:
    """Return size, failures, area and its standard error as cells of a table."""
    failed = sum(bad for _, bad in scores)
    found = auc(scores)
    error = auc_error(found, failed=failed, survived=len(scores) - failed)
    return f"{len(scores):,} | {failed} | {found:.3f} | {error:.3f}"


def _areas(companies: Sequence[Company], table: Table) -> str:
    folds = out_of_fold(companies)
    every = [outcome for fold in folds for outcome in fold]
    spread = ", ".join(f"{auc(fold):.3f}" for fold in folds)
    lines = [
        f"| Altman's Z'' alone, where its four ratios are known | {area(z2_outcomes(companies))} |",
        f"| **points fitted without the fold** ({FOLDS} folds, pooled; by fold {spread}) | {area(every)} |",
        f"| **points that ship**, on the {HELD_OUT:.0%} held out of setting them | "
        f"{area(outcomes(unseen(companies), table))} |",
        f"| points that ship, on the companies that set them | {area(outcomes(seen(companies), table))} |",
        f"| Altman's Z'' alone, on the {HELD_OUT:.0%} held out | {area(z2_outcomes(unseen(companies)))} |",
    ]
    assert abs(auc(every) - pooled_auc(folds)) < 1e-12
    return "\n".join(lines) + "\n"


def _points(table: Table) -> str:
    columns = {name: column for column, name in COLUMNS.items()}
    lines = [
        f"| {one.factor.replace('_', ' ')} | {RATIOS[one.factor].formula.replace('_', ' ')} | {columns[one.factor]} | "
        f"{one.weight} | {'; '.join(_bins(one))} |"
        for one in table
    ]
    return "\n".join(lines) + "\n"


def _bins(factor: NumericFactor) -> Iterable[str]:
    for one in factor.bins:
        bound = "above" if one.up_to is None else f"≤ {one.up_to:f}"
        yield f"{bound}: {one.points}"
    if isinstance(factor.missing, GivePoints):
        yield f"missing: {factor.missing.points}"


def _bands(companies: Sequence[Company], table: Table) -> str:
    held_out = {band.score_from: band for band in bands(outcomes(unseen(companies), table))}
    lines = []
    for band in bands(outcomes(companies, table)):
        own = held_out.get(band.score_from)
        cells = f"{own.size} | {own.failed} | {own.failed / own.size:.1%}" if own else "0 | 0 | "
        lines.append(
            f"| {band.score_from} to {band.score_from + 99} | {cells} | {band.size} | {band.failed} | "
            f"{band.failed / band.size:.1%} |"
        )
    return "\n".join(lines) + "\n"
