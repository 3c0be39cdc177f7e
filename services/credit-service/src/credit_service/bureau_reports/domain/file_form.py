"""Reports that come as a file: JSON or CSV in our normal form, or a PDF whose figures somebody typed in.

The normal form is flat: `report_date` and at least one of `score` (with `score_worst`, `score_best`), `failure_probability_pct`,
`recommended_limit` (with `currency`); and, where known, `bureau`, `company_name`, `country`, `rating`, `legal_status`,
`payment_index` (with `payment_index_worst`, `payment_index_best`). Numbers are decimals, as text or as numbers of JSON. CSV has a
line of these names and one line of values.
"""

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, get_args

from credit_service.bureau_reports.domain.answers import day_at, number_at, text_at
from credit_service.bureau_reports.domain.report import LegalStatus, Report, Score, UnusableReportError, limit_of

FileFormat = Literal["json", "csv", "pdf"]
MEDIA_TYPES: dict[FileFormat, str] = {"json": "application/json", "csv": "text/csv", "pdf": "application/pdf"}
FIELDS = frozenset(
    {
        "bureau",
        "report_date",
        "company_name",
        "country",
        "rating",
        "legal_status",
        "score",
        "score_worst",
        "score_best",
        "failure_probability_pct",
        "recommended_limit",
        "currency",
        "payment_index",
        "payment_index_worst",
        "payment_index_best",
    }
)
_PDF_MAGIC = b"%PDF-"
_NUMBERS = FIELDS - {"bureau", "report_date", "company_name", "country", "rating", "legal_status", "currency"}


def report_in(content: bytes, file_format: FileFormat, figures: Mapping[str, Any] | None) -> Report:
    """Return the report in a file; raise `UnusableReportError`. A PDF is kept as it is, and `figures` say what stands in it."""
    if file_format == "pdf":
        if not content.startswith(_PDF_MAGIC):
            raise UnusableReportError("the file is no PDF.", field="report.content")
        if not figures:
            raise UnusableReportError("type in what stands in the PDF.", field="report.figures")
        return report_of(figures)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableReportError("the file is not UTF-8.", field="report.content") from None
    return report_of(_from_json(text) if file_format == "json" else _from_csv(text))


def _from_json(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise UnusableReportError("the file is not JSON.", field="report.content") from None
    if not isinstance(found, dict):
        raise UnusableReportError("the file is not one JSON object.", field="report.content")
    return found


def _from_csv(text: str) -> Mapping[str, Any]:
    try:
        lines = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error:
        raise UnusableReportError("the file is not CSV.", field="report.content") from None
    if len(lines) != 1 or None in lines[0] or None in lines[0].values():
        raise UnusableReportError(
            "the file needs a line of names and one line of as many values.", field="report.content"
        )
    return {name: value for name, value in lines[0].items() if value.strip()}


def report_of(form: Mapping[str, Any]) -> Report:
    """Return the report that the normal form says; raise `UnusableReportError` for a field that is unknown or cannot be read."""
    if unknown := sorted(set(map(str, form)) - FIELDS):
        raise UnusableReportError(f"there is no field {unknown[0][:40]!r} in the normal form.", field="report")
    for name in _NUMBERS & form.keys():
        if form[name] is not None and number_at(form, name) is None:
            raise UnusableReportError(f"{name} is no number.", field=name)
    day = day_at(form, "report_date")
    if day is None:
        raise UnusableReportError("it has no report_date (YYYY-MM-DD).", field="report_date")
    return Report(
        report_date=day,
        company_name=text_at(form, "company_name"),
        country=text_at(form, "country"),
        score=_score(form, "score", text_at(form, "bureau") or "score"),
        rating=text_at(form, "rating"),
        failure_probability_pct=number_at(form, "failure_probability_pct"),
        recommended_limit=limit_of(number_at(form, "recommended_limit"), text_at(form, "currency")),
        legal_status=_legal_status(text_at(form, "legal_status")),
        payment_index=_score(form, "payment_index", "payment index"),
    )


def _score(form: Mapping[str, Any], name: str, title: str) -> Score | None:
    value, worst, best = (number_at(form, key) for key in (name, f"{name}_worst", f"{name}_best"))
    if value is None:
        return None
    if worst is None or best is None:
        raise UnusableReportError(f"say {name}_worst and {name}_best, the ends of the scale.", field=f"{name}_worst")
    return Score(title, value, worst, best)


def _legal_status(said: str | None) -> LegalStatus:
    if said is None:
        return "unknown"
    if said not in get_args(LegalStatus):
        raise UnusableReportError(f"legal_status is one of {', '.join(get_args(LegalStatus))}.", field="legal_status")
    return said  # type: ignore[return-value]
