"""What bureaus say in one normal form: the common scale, and what no report can say."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from credit_service.bureau_reports.domain.answers import day_at, number_at, text_at
from credit_service.bureau_reports.domain.file_form import FileFormat, report_in
from credit_service.bureau_reports.domain.report import Score, UnusableReportError, ensure_usable

TODAY = date(2026, 3, 2)
FIGURES: dict[str, Any] = {
    "bureau": "Creditreform",
    "report_date": TODAY.isoformat(),
    "score": "212",
    "score_worst": "600",
    "score_best": "100",
    "recommended_limit": "75000",
    "currency": "EUR",
}
CSV = (",".join(FIGURES) + "\n" + ",".join(FIGURES.values()) + "\n").encode()


@pytest.mark.parametrize(
    ("value", "worst", "best", "common"),
    [
        ("0", "0", "10", 0),
        ("7", "0", "10", 70),
        ("10", "0", "10", 100),
        ("600", "600", "100", 0),
        ("212", "600", "100", 78),
        ("350", "600", "100", 50),
        ("100", "600", "100", 100),
        ("0.5", "0", "100", 1),
        ("-5", "-10", "0", 50),
    ],
)
def test_the_common_scale_goes_from_the_worst_to_the_best_end(value: str, worst: str, best: str, common: int) -> None:
    assert Score("score", Decimal(value), Decimal(worst), Decimal(best)).common == common


def test_json_and_csv_say_the_same() -> None:
    from_json = report_in(json.dumps(FIGURES).encode(), "json", None)

    assert report_in(CSV, "csv", None) == from_json
    assert str(from_json.recommended_limit) == "75000.00 EUR"


@pytest.mark.parametrize(
    "answer", [None, 1, "text", [], {}, [None], {"a": None}, {"a": []}, {"a": {"b": {}}}, {"a": {"b": True}}]
)
def test_an_answer_of_any_shape_can_be_read(answer: Any) -> None:
    assert text_at(answer, "a", "b") is None
    assert number_at(answer, "a", "b") is None
    assert day_at(answer, "a", 0, "b") is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"report_date": None}, "report_date"),
        ({"report_date": (TODAY + timedelta(days=2)).isoformat()}, "report_date"),
        ({"report_date": "1492-10-12"}, "report_date"),
        ({"score": "99"}, "score"),
        ({"score": "NaN"}, "score"),
        ({"score": "1e3"}, "score"),
        ({"score_best": "600"}, "score"),
        ({"score_worst": None}, "score_worst"),
        ({"recommended_limit": "-1"}, "recommended_limit"),
        ({"recommended_limit": "9" * 16}, "recommended_limit"),
        ({"currency": "ZZZ"}, "currency"),
        ({"currency": None}, "currency"),
        ({"failure_probability_pct": "100.1"}, "failure_probability_pct"),
        ({"legal_status": "rich"}, "legal_status"),
        ({"secret": "1"}, "report"),
        ({"score": None, "recommended_limit": None}, None),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(changes: dict[str, Any], field: str | None) -> None:
    figures = {name: value for name, value in (FIGURES | changes).items() if value is not None}

    with pytest.raises(UnusableReportError) as refused:
        ensure_usable(report_in(json.dumps(figures).encode(), "json", None), today=TODAY)

    assert [error.field for error in refused.value.errors] == ([field] if field else [])


@pytest.mark.parametrize(
    ("file_format", "content"),
    [
        ("json", b"<html>"),
        ("json", b"[1]"),
        ("json", b"[" * 100_000),
        ("json", b"\xff\xfe"),
        ("csv", b"score\n"),
        ("csv", b"score,report_date\n1\n"),
        ("csv", CSV + CSV.splitlines()[1]),
        ("csv", b"score,score\n1,2,3\n"),
        ("pdf", b"%PDF-1.7"),
        ("pdf", b"<html>"),
    ],
)
def test_a_broken_file_is_refused(file_format: FileFormat, content: bytes) -> None:
    with pytest.raises(UnusableReportError):
        ensure_usable(report_in(content, file_format, None), today=TODAY)
