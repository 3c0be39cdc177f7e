"""Sets the points of the financial ratios: bins, weight of evidence, a logistic regression, and from it a table of points.

The one thing to know: every choice is made by the companies that are given, also which ratios are in. So a fit without a fold
has seen nothing of that fold. A weight of evidence is the logarithm of the odds of surviving in a bin over those of all
companies; the regression says how much of it each ratio adds beside the others (Siddiqi, "Credit Risk Scorecards", 2006,
chapter 6).
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from credit_service.scorecards.domain.scorecard import POINTS_MAX, Bin, GivePoints, LeaveOut, NumericFactor
from openitem.scorecards.companies import COLUMNS, Company
from openitem.scorecards.regression import correlation, logistic, standardised

RATIOS_IN = 10
WEIGHT = 250
"""Sum of the weights of the ratios in the default scorecard."""
FINE_BINS = 20
BINS_MAX = 5
BIN_SHARE_MIN = 0.04
CHI_SQUARE_MIN = 3.84
"""Neighbours that differ by less are one bin: 5 % of chance for one degree of freedom."""
CORRELATION_MAX = 0.7
SMOOTHING = 30
"""Companies of the average risk that are thought into each bin, so that a small one does not speak too loud."""
SPAN_SHARE_MIN = 0.02
"""A ratio with less than this share of all weights is not worth its line in the table."""
MISSING_MIN = 30
MISSING_FAILED_MAX = 0.5
"""A ratio that is missing mostly with companies that failed tells how the file was gathered, not how companies fare."""
MISSING_TRUST = 0.5
"""How much of what a missing ratio seems to say is believed: it may be missing for a reason that has nothing to do with risk."""
DIGITS = 3
"""Significant digits of a bound, so that a person can read the table."""


@dataclass(frozen=True, slots=True)
class Binned:
    """One ratio in bins: upper bounds, the evidence of each bin, of the last bin above them all and of `missing`."""

    name: str
    bounds: tuple[float, ...]
    evidence: tuple[float, ...]
    missing: float
    information: float

    @property
    def span(self) -> float:
        """How far the best and the worst lie apart."""
        return max(*self.evidence, self.missing) - min(*self.evidence, self.missing)

    def of(self, value: float | None) -> float:
        """Return the evidence of a value."""
        return self.missing if value is None else self.evidence[bisect_left(self.bounds, value)]


def fit(companies: Sequence[Company]) -> tuple[NumericFactor, ...]:
    """Return the table of points for the ratios that separate these companies best, the weightiest first."""
    failed = [bool(company.failed) for company in companies]
    values = {name: _floats(companies, name) for name in COLUMNS.values()}
    pool = sorted(
        (_binned(name, values[name], failed) for name in values), key=lambda one: (-one.information, one.name)
    )
    columns = {one.name: [one.of(value) for value in values[one.name]] for one in pool}
    standard = {name: standardised(column) for name, column in columns.items()}
    while True:
        chosen = _unlike(pool, standard)
        coefficients = logistic([columns[one.name] for one in chosen], [not one for one in failed])[1:]
        spans = [each * one.span for one, each in zip(chosen, coefficients, strict=True)]
        # One that adds next to nothing beside the others, or speaks against its own evidence, would be points nobody can explain.
        idle = {one.name for one, span in zip(chosen, spans, strict=True) if span < SPAN_SHARE_MIN * sum(spans)}
        if not idle or len(pool) - len(idle) < RATIOS_IN:
            return _points(chosen, coefficients)
        pool = [one for one in pool if one.name not in idle]


def _floats(companies: Sequence[Company], name: str) -> list[float | None]:
    return [None if (value := company.ratios[name]) is None else float(value) for company in companies]


def _binned(name: str, values: Sequence[float | None], failed: Sequence[bool]) -> Binned:
    known = sorted((value, bad) for value, bad in zip(values, failed, strict=True) if value is not None)
    bounds = _bounds(known, size_min=math.ceil(BIN_SHARE_MIN * len(values)))
    counts = _counts(known, bounds)
    missing = [bad for value, bad in zip(values, failed, strict=True) if value is None]
    odds = math.log((len(failed) - sum(failed)) / sum(failed))
    evidence = [_evidence(size, bad, odds) for size, bad in counts]
    speaks = len(missing) >= MISSING_MIN and sum(missing) <= MISSING_FAILED_MAX * len(missing)
    survived, all_bad = len(failed) - sum(failed), sum(failed)
    information = sum(
        ((size - bad) / survived - bad / all_bad) * each for (size, bad), each in zip(counts, evidence, strict=True)
    )
    said = MISSING_TRUST * _evidence(len(missing), sum(missing), odds) if speaks else 0.0
    return Binned(name, bounds, tuple(evidence), said, information)


def _evidence(size: int, bad: int, odds: float) -> float:
    """Return the weight of evidence of a bin, drawn towards none as if it held `SMOOTHING` more average companies."""
    rate = 1 / (1 + math.exp(odds))
    smoothed = (bad + SMOOTHING * rate) / (size + SMOOTHING)
    return math.log((1 - smoothed) / smoothed) - odds


def _bounds(known: Sequence[tuple[float, bool]], *, size_min: int) -> tuple[float, ...]:
    """Return the upper bounds of the bins but the last: fine ones of equal size, neighbours merged that do not differ."""
    cuts = sorted({_readable(known[len(known) * step // FINE_BINS - 1][0]) for step in range(1, FINE_BINS)})
    counts = _counts(known, cuts)
    while cuts:
        apart = [_chi_square(*pair, size_min) for pair in pairwise(counts)]
        weakest = min(range(len(apart)), key=apart.__getitem__)
        if apart[weakest] >= CHI_SQUARE_MIN and len(counts) <= BINS_MAX:
            break
        left, right = counts[weakest], counts.pop(weakest + 1)
        counts[weakest] = (left[0] + right[0], left[1] + right[1])
        del cuts[weakest]
    return tuple(cuts)


def _readable(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _counts(known: Sequence[tuple[float, bool]], bounds: Sequence[float]) -> list[tuple[int, int]]:
    """Return size and failures of each bin."""
    sizes, bads = [0] * (len(bounds) + 1), [0] * (len(bounds) + 1)
    for value, bad in known:
        place = bisect_left(bounds, value)
        sizes[place] += 1
        bads[place] += bad
    return list(zip(sizes, bads, strict=True))


def _chi_square(left: tuple[int, int], right: tuple[int, int], size_min: int) -> float:
    """Return how much two bins differ; one that is too small differs from none."""
    if min(left[0], right[0]) < size_min:
        return -1.0
    rate = (left[1] + right[1]) / (left[0] + right[0])
    if rate in (0.0, 1.0):
        return 0.0
    return sum((bad - size * rate) ** 2 / (size * rate * (1 - rate)) for size, bad in (left, right))


def _unlike(pool: Sequence[Binned], standard: dict[str, list[float]]) -> list[Binned]:
    """Return the ratios with the most information of which no two say the same."""
    chosen: list[Binned] = []
    for one in pool:
        if all(abs(correlation(standard[one.name], standard[other.name])) < CORRELATION_MAX for other in chosen):
            chosen.append(one)
        if len(chosen) == RATIOS_IN:
            break
    return chosen


def _points(chosen: Sequence[Binned], coefficients: Sequence[float]) -> tuple[NumericFactor, ...]:
    """Return the table: 0 points for a ratio's worst bin, 100 for its best; the weight is how far the two lie apart."""
    spans = []
    for one, coefficient in zip(chosen, coefficients, strict=True):
        levels = [coefficient * each for each in (*one.evidence, one.missing)]
        spans.append((one, levels, max(levels) - min(levels)))
    whole = sum(span for *_, span in spans)
    factors = [_factor(one, levels, span, weight=round(WEIGHT * span / whole)) for one, levels, span in spans]
    return tuple(sorted(factors, key=lambda factor: (-factor.weight, factor.factor)))


def _factor(one: Binned, levels: Sequence[float], span: float, *, weight: int) -> NumericFactor:
    points = [round(POINTS_MAX * (level - min(levels)) / span) for level in levels]
    bounds: list[Any] = [Decimal(format(Decimal(repr(bound)), "f")) for bound in one.bounds]
    return NumericFactor(
        factor=one.name,
        weight=weight,
        bins=tuple(Bin(up_to=bound, points=each) for bound, each in zip([*bounds, None], points[:-1], strict=True)),
        missing=GivePoints(handling="points", points=points[-1]),
        without_source=LeaveOut(handling="leave_out_and_reweight"),
    )
