"""`openitem scorecard-report`, `scorecard-score` and `scorecard-fit`: how good the scorecard's financial part is."""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from credit_service.financial_statements.domain.ratios import RATIOS
from credit_service.scorecards.domain.default import DEFAULT
from credit_service.scorecards.domain.financial_points import FINANCIAL_POINTS
from credit_service.scorecards.domain.scorecard import GivePoints, NumericFactor, ScorecardContent
from openitem.scorecards.companies import CompaniesFileError, Company, read
from openitem.scorecards.fitting import fit
from openitem.scorecards.measures import auc, auc_error
from openitem.scorecards.report import report
from openitem.scorecards.trial import Table, both_in_every_part, outcomes, score, seen

FILE = "CSV file, packed with gzip or not, with the columns X1 to X64 of the Polish companies bankruptcy data and `bankrupt`"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the three to the command line."""
    made = commands.add_parser("scorecard-report", help="write how well the scorecard tells who fails")
    made.add_argument("file", type=Path, help=FILE)
    made.add_argument("--out", type=Path, help="where to write the report (default: standard output)")
    made.set_defaults(call=_report)
    scored = commands.add_parser("scorecard-score", help="score companies, and tell the area under the curve")
    scored.add_argument("file", type=Path, help=f"{FILE}, which may be absent")
    scored.add_argument(
        "--scorecard", type=Path, help="scorecard as GET /v1/scorecards/… answers it (default: the built-in)"
    )
    scored.add_argument("--out", type=Path, help="where to write each row's score as CSV")
    scored.set_defaults(call=_score)
    fitted = commands.add_parser("scorecard-fit", help="set the points anew and print them as the service keeps them")
    fitted.add_argument("file", type=Path, help=FILE)
    fitted.set_defaults(call=_fit)


def _report(arguments: argparse.Namespace) -> int:
    companies = _labelled(arguments.file)
    if companies is None:
        return 1
    text = report(companies, FINANCIAL_POINTS)
    if arguments.out is None:
        print(text, end="")
    else:
        arguments.out.write_text(text, encoding="utf-8")
        print(f"{arguments.out} written")
    return 0


def _score(arguments: argparse.Namespace) -> int:
    try:
        companies = read(arguments.file)
        table = _table(arguments.scorecard)
    except (CompaniesFileError, OSError) as error:
        return _refused(error)
    except (ValueError, KeyError, TypeError):
        return _refused(CompaniesFileError(f"{arguments.scorecard} is no scorecard as the service answers it"))
    if arguments.out is not None:
        _write_scores(arguments.out, companies, table)
    known = [company for company in companies if company.failed is not None]
    failed = sum(bool(company.failed) for company in known)
    print(f"{len(companies)} companies scored, {failed} of {len(known)} with a known outcome failed")
    if failed and failed < len(known):
        area = auc(outcomes(known, table))
        error_of_it = auc_error(area, failed=failed, survived=len(known) - failed)
        print(f"area under the curve: {area:.4f} (standard error {error_of_it:.4f})")
    return 0


def _table(scorecard: Path | None) -> Table:
    """Return the ratios of a scorecard with their points; raise `ValueError` where the file is none."""
    if scorecard is None:
        content = DEFAULT
    else:
        stored = json.loads(scorecard.read_text(encoding="utf-8"))
        content = ScorecardContent.model_validate({name: stored[name] for name in ScorecardContent.model_fields})
    return [one for one in content.factors if isinstance(one, NumericFactor) and one.factor in RATIOS]


def _write_scores(path: Path, companies: Sequence[Company], table: Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["row", "score"])
        writer.writerows((number, f"{score(company, table):.2f}") for number, company in enumerate(companies, start=1))


def _fit(arguments: argparse.Namespace) -> int:
    companies = _labelled(arguments.file)
    if companies is None:
        return 1
    print(written(fit(seen(companies))), end="")
    return 0


def _labelled(path: Path) -> list[Company] | None:
    try:
        companies = read(path)
    except (CompaniesFileError, OSError) as error:
        _refused(error)
        return None
    unknown = sum(company.failed is None for company in companies)
    if unknown:
        said = f"{path}: {unknown} of {len(companies)} rows do not say whether the company failed"
        _refused(CompaniesFileError(said))
        return None
    # Each fold, and what is held out of the fit, needs some of both.
    if not both_in_every_part(companies):
        _refused(CompaniesFileError(f"{path}: too few companies that failed, or that survived, to part them"))
        return None
    return companies


def _refused(error: Exception) -> int:
    print(f"openitem: {error}", file=sys.stderr)
    return 1


MODULE = '''"""The points of the financial ratios, the weightiest first: upper bound and points of each bin, then of a missing
ratio.

Set by `openitem scorecard-fit` on three quarters of the Polish companies bankruptcy data; docs/scorecard.md shows how well
they tell who fails. Written by that command: change the scorecard with `PUT /v1/scorecards/default`, not this table.
"""

from decimal import Decimal

from credit_service.scorecards.domain.scorecard import Bin, GivePoints, LeaveOut, NumericFactor


def _ratio(name: str, weight: int, bins: list[tuple[str | None, int]], *, missing: int) -> NumericFactor:
    return NumericFactor(
        factor=name,
        weight=weight,
        bins=tuple(Bin(up_to=None if up_to is None else Decimal(up_to), points=points) for up_to, points in bins),
        missing=GivePoints(handling="points", points=missing),
        without_source=LeaveOut(handling="leave_out_and_reweight"),
    )


FINANCIAL_POINTS: tuple[NumericFactor, ...] = (
'''


def written(table: Table) -> str:
    """Return the table as the module of the service that holds it, before `ruff format`."""
    return MODULE + "".join(_line(one) for one in table) + ")\n"


def _line(one: NumericFactor) -> str:
    bounds = ["None" if each.up_to is None else json.dumps(format(each.up_to, "f")) for each in one.bins]
    bins = ", ".join(f"({bound}, {each.points})" for bound, each in zip(bounds, one.bins, strict=True))
    points = one.missing.points if isinstance(one.missing, GivePoints) else 0
    return f"    _ratio({json.dumps(one.factor)}, {one.weight}, [{bins}], missing={points}),\n"
