"""Reading reports: encrypted in the database, noted in the journal; and files, which are reports too."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from credit_service.bureau_reports.use_cases import latest_scores
from shared.unit_of_work import Units
from tests.credit.bureau_reports.conftest import BureauDesk

TODAY = datetime.now(UTC).date()
FIGURES: dict[str, Any] = {
    "bureau": "Creditreform",
    "report_date": TODAY.isoformat(),
    "score": "212",
    "score_worst": "600",
    "score_best": "100",
    "recommended_limit": "75000",
    "currency": "EUR",
    "rating": "Zappelphilipp",
}


async def send(desk: BureauDesk, file_format: str, content: str, **more: Any) -> httpx.Response:
    return await desk.order_report("C-1", "file", report={"format": file_format, "content": content} | more)


def as_csv(figures: dict[str, Any]) -> str:
    return ",".join(figures) + "\n" + ",".join(map(str, figures.values())) + "\n"


async def test_the_database_never_holds_a_report_in_the_clear(desk: BureauDesk, units: Units) -> None:
    for headers in ({}, {"Idempotency-Key": "once"}):
        body = {"provider": "file", "report": {"format": "json", "content": json.dumps(FIGURES)}}
        answer = await desk.send(
            "credit_analyst", "POST", "/v1/customers/C-1/bureau-reports", json=body, headers=headers
        )
        assert answer.status_code == 201
    await desk.fetched("C-1", "dun_bradstreet")
    raw = (await desk.report("C-1", (await desk.reports("C-1"))[0]["id"]))["content"]
    assert "failureScore" in raw

    async with units.read() as session:
        tables = (await session.execute(text("select tablename from pg_tables where schemaname = 'public'"))).scalars()
        for table in tables.all():
            rows = (await session.execute(text(f'select t::text from "{table}" t'))).scalars().all()
            stored = "\n".join(rows)
            for secret in ("Zappelphilipp", "failureScore", "paydexScore"):
                assert secret not in stored, table
                assert secret.encode().hex() not in stored, table


async def test_who_reads_a_report_stands_in_the_journal(desk: BureauDesk, units: Units) -> None:
    report_id = (await send(desk, "json", json.dumps(FIGURES))).json()["id"]

    await desk.report("C-1", report_id, "auditor")
    await desk.reports("C-1")

    async with units.read() as session:
        statement = text("select kind, actor, subject from journal_entries where customer_id = 'C-1' order by position")
        entries = [tuple(row) for row in await session.execute(statement)]
    assert ("bureau_report.received", "credit_analyst", report_id) in entries
    assert entries[-2:] == [("read", "auditor", report_id), ("read", "auditor", "bureau_reports")]


@pytest.mark.parametrize("file_format", ["json", "csv"])
async def test_a_file_in_the_normal_form_is_a_report(desk: BureauDesk, file_format: str) -> None:
    content = json.dumps(FIGURES) if file_format == "json" else as_csv(FIGURES)

    answer = await send(desk, file_format, content)

    report = answer.json()
    assert (answer.status_code, report["score"], report["recommended_limit"]) == (201, 78, "75000.00")
    assert (await desk.report("C-1", report["id"]))["content"] == content


async def test_a_pdf_is_kept_with_the_figures_that_were_typed_in(desk: BureauDesk) -> None:
    pdf = base64.b64encode(b"%PDF-1.7 \xff\x00 ...").decode()

    answer = await send(desk, "pdf", pdf, figures=FIGURES)

    report = await desk.report("C-1", answer.json()["id"])
    assert (answer.status_code, report["content"], report["media_type"]) == (201, pdf, "application/pdf")


async def test_an_impossible_report_is_refused_with_its_field(desk: BureauDesk) -> None:
    answer = await send(desk, "json", json.dumps(FIGURES | {"score": "99"}))

    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_report")
    assert [error["field"] for error in answer.json()["errors"]] == ["score"]


async def test_a_report_is_found_under_its_own_customer_only(desk: BureauDesk) -> None:
    await desk.customer("C-2")
    report_id = (await send(desk, "json", json.dumps(FIGURES))).json()["id"]

    answer = await desk.send("auditor", "GET", f"/v1/customers/C-2/bureau-reports/{report_id}")

    assert (answer.status_code, answer.json()["code"]) == (404, "bureau_report_not_found")


async def test_the_latest_score_is_that_of_the_newest_report_known_on_the_day(desk: BureauDesk, units: Units) -> None:
    for day, score in ((TODAY - timedelta(days=200), "350"), (TODAY - timedelta(days=10), "225"), (TODAY, "100")):
        figures = FIGURES | {"report_date": day.isoformat(), "score": score}
        assert (await send(desk, "json", json.dumps(figures))).status_code == 201

    async def latest(as_of: date) -> Any:
        async with units.read() as session:
            return (await latest_scores(session, ["C-1", "C-9"], as_of)).get("C-1")

    assert (await latest(TODAY)).score == 100
    before = await latest(TODAY - timedelta(days=1))
    assert (before.score, before.age_days, str(before.recommended_limit)) == (75, 9, "75000.00 EUR")
    assert (await latest(TODAY - timedelta(days=11))).score == 50
    assert await latest(TODAY - timedelta(days=201)) is None
