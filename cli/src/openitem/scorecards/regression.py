"""The little statistics that the fit of a scorecard needs, without a library behind it."""

import math
from collections.abc import Sequence
from operator import mul

RIDGE = 1.0
"""Penalty on the squares of the coefficients, so that ratios that say nearly the same do not cancel one another out."""
STEPS_MAX = 50
SETTLED = 1e-6


def standardised(column: Sequence[float]) -> list[float]:
    """Return a column with the mean 0 and the sum of squares 1; zeros where it does not vary."""
    mean = sum(column) / len(column)
    length = math.sqrt(sum((each - mean) ** 2 for each in column))
    return [(each - mean) / length if length else 0.0 for each in column]


def correlation(left: Sequence[float], right: Sequence[float]) -> float:
    """Return Pearson's correlation of two standardised columns."""
    return float(sum(map(mul, left, right)))


def chance(score: float) -> float:
    """Return the logistic function, also far out."""
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    return math.exp(score) / (1 + math.exp(score))


def logistic(columns: Sequence[Sequence[float]], outcomes: Sequence[bool]) -> list[float]:
    """Return the constant and the coefficient of each column, by Newton's method with a ridge on all but the constant."""
    rows = [(1.0, *row) for row in zip(*columns, strict=True)]
    width = len(columns) + 1
    coefficients = [0.0] * width
    for _ in range(STEPS_MAX):
        gradient = [-RIDGE * each if place else 0.0 for place, each in enumerate(coefficients)]
        curvature = [[RIDGE if row == column and row else 0.0 for column in range(width)] for row in range(width)]
        for row, outcome in zip(rows, outcomes, strict=True):
            likely = chance(sum(map(mul, coefficients, row)))
            weight = likely * (1 - likely)
            for place, value in enumerate(row):
                gradient[place] += (outcome - likely) * value
                scaled, line = weight * value, curvature[place]
                for other in range(place + 1):
                    line[other] += scaled * row[other]
        step = _solved(curvature, gradient)
        coefficients = [each + change for each, change in zip(coefficients, step, strict=True)]
        if max(abs(change) for change in step) < SETTLED:
            break
    return coefficients


def _solved(lower: list[list[float]], right: Sequence[float]) -> list[float]:
    """Solve a positive definite system by Cholesky's method; of the matrix only the lower half is read."""
    size = len(right)
    root = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = lower[row][column] - sum(root[row][k] * root[column][k] for k in range(column))
            root[row][column] = math.sqrt(rest) if row == column else rest / root[column][column]
    forward = [0.0] * size
    for row in range(size):
        forward[row] = (right[row] - sum(root[row][k] * forward[k] for k in range(row))) / root[row][row]
    solution = [0.0] * size
    for row in reversed(range(size)):
        rest = forward[row] - sum(root[k][row] * solution[k] for k in range(row + 1, size))
        solution[row] = rest / root[row][row]
    return solution
