"""The commands, on the Polish companies bankruptcy data where it is at hand."""

import csv
import json
from pathlib import Path

import pytest

from credit_service.scorecards.domain.default import DEFAULT
from credit_service.scorecards.domain.financial_points import FINANCIAL_POINTS
from openitem.main import main
from openitem.scorecards.companies import Company, read
from openitem.scorecards.fitting import fit
from openitem.scorecards.measures import auc
from openitem.scorecards.trial import out_of_fold, outcomes, pooled_auc, seen, unseen, z2_outcomes

REPOSITORY = Path(__file__).resolve().parents[3]
DATA = REPOSITORY / "../shared/data/credit-polish-bankruptcy/polish_5thyear.csv.gz"
HEAD = [f"X{number}" for number in range(1, 65)]


@pytest.fixture(scope="module")
def companies() -> list[Company]:
    if not DATA.exists():
        pytest.skip(f"{DATA} is not here")
    return read(DATA)


@pytest.mark.shared_data
def test_altman_s_z2_alone_separates_as_the_literature_of_the_data_says(companies: list[Company]) -> None:
    assert auc(z2_outcomes(companies)) == pytest.approx(0.75, abs=0.01)


@pytest.mark.shared_data
def test_the_points_that_ship_separate_companies_that_did_not_set_them(companies: list[Company]) -> None:
    assert auc(outcomes(unseen(companies), FINANCIAL_POINTS)) >= 0.85


@pytest.mark.shared_data
def test_points_fitted_without_a_fold_separate_it(companies: list[Company]) -> None:
    folds = out_of_fold(companies)

    assert pooled_auc(folds) >= 0.85
    assert min(auc(fold) for fold in folds) >= 0.85


@pytest.mark.shared_data
def test_the_points_that_ship_are_those_that_the_data_set(companies: list[Company]) -> None:
    assert fit(seen(companies)) == FINANCIAL_POINTS


def _file(path: Path, *labels: str) -> Path:
    with path.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow([*HEAD, "bankrupt"])
        for number, label in enumerate(labels):
            writer.writerow([*(str(number + place / 10) for place in range(64)), label])
    return path


def test_companies_are_scored_also_where_nobody_knows_what_became_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = tmp_path / "scores.csv"

    code = main(["scorecard-score", str(_file(tmp_path / "a.csv", "", "")), "--out", str(scores)])

    assert (code, capsys.readouterr().out) == (0, "2 companies scored, 0 of 0 with a known outcome failed\n")
    assert [line.split(",")[0] for line in scores.read_text().split()] == ["row", "1", "2"]


def test_a_scorecard_of_the_service_may_be_scored_by(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = tmp_path / "scorecard.json"
    stored.write_text(json.dumps(DEFAULT.model_dump(mode="json") | {"scorecard_id": "default", "version": 7}))
    file = _file(tmp_path / "a.csv", "0", "1", "0")

    assert main(["scorecard-score", str(file), "--scorecard", str(stored)]) == 0
    theirs = capsys.readouterr().out
    assert main(["scorecard-score", str(file)]) == 0

    assert theirs == capsys.readouterr().out
    assert "area under the curve" in theirs


@pytest.mark.parametrize(
    "arguments",
    [
        ["scorecard-score", "{missing}"],
        ["scorecard-report", "{missing}"],
        ["scorecard-report", "{unlabelled}"],
        ["scorecard-report", "{one_sided}"],
        ["scorecard-fit", "{one_sided}"],
        ["scorecard-score", "{unlabelled}", "--scorecard", "{unlabelled}"],
        ["scorecard-score", "{unlabelled}", "--scorecard", "{no_scorecard}"],
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    (tmp_path / "no_scorecard").write_text("{}")
    files = {
        "missing": tmp_path / "missing.csv",
        "unlabelled": _file(tmp_path / "unlabelled.csv", "", ""),
        "one_sided": _file(tmp_path / "one_sided.csv", "0", "0"),
        "no_scorecard": tmp_path / "no_scorecard",
    }

    code = main([one.format(**files) for one in arguments])

    said = capsys.readouterr().err
    assert code == 1
    assert said.startswith("openitem: ")
    assert said.count("\n") == 1
