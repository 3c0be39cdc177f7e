"""Exports of the journal: what the files hold, and that a reader who goes on behind them misses nothing."""

import asyncio
import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pyarrow
import pyarrow.parquet
import pytest

from cashapp_service.ledger_exports.domain import COLUMNS, writer_of
from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer

PATH = "/v1/ledger/exports"


async def export(cashapp: Cashapp, *, accept: str = "*/*", **params: Any) -> httpx.Response:
    return await cashapp.client.get(PATH, params=params, headers=bearer("auditor") | {"Accept": accept})


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def three_entries(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "1000.00"))


async def test_an_export_has_a_row_for_each_line_in_the_order_of_posting(cashapp: Cashapp) -> None:
    await three_entries(cashapp)

    answer = await export(cashapp)

    found = rows(answer)
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="ledger-0-3.csv"'
    assert answer.text.startswith(",".join(COLUMNS) + "\r\n")
    assert [
        (one["sequence"], one["position"], one["account_number"], one["debit"], one["credit"]) for one in found
    ] == [
        ("1", "1", "1200", "1000.00", "0.00"),
        ("1", "2", "4400", "0.00", "1000.00"),
        ("2", "1", "1800", "1000.00", "0.00"),
        ("2", "2", "3270", "0.00", "1000.00"),
        ("3", "1", "1200", "0.00", "1000.00"),
        ("3", "2", "3270", "1000.00", "0.00"),
    ]
    last = found[-1]
    assert (last["entry_kind"], last["line_kind"], last["period"]) == ("application", "cash", "2026-03")
    assert (last["posting_date"], last["item_id"], last["posted_at"][-1]) == ("2026-03-20", "", "Z")


async def test_parquet_holds_the_same_with_exact_amounts_and_days(cashapp: Cashapp) -> None:
    await three_entries(cashapp)

    answer = await export(cashapp, accept="application/vnd.apache.parquet")

    table = pyarrow.parquet.read_table(io.BytesIO(answer.content))
    as_csv = rows(await export(cashapp, format="csv", accept="application/vnd.apache.parquet"))
    assert table.column_names == list(COLUMNS)
    assert table.schema.field("debit").type == pyarrow.decimal128(20, 4)
    assert [str(one.normalize() + 0) for one in table["debit"].to_pylist()] == [
        str(Decimal(one["debit"]).normalize() + 0) for one in as_csv
    ]
    assert table["posting_date"].to_pylist()[-1] == date(2026, 3, 20)
    assert table["posted_at"].to_pylist()[-1].tzinfo is not None
    assert [one or "" for one in table["item_id"].to_pylist()] == [one["item_id"] for one in as_csv]


async def test_who_reads_on_behind_an_export_gets_what_is_new_and_nothing_twice(cashapp: Cashapp) -> None:
    await three_entries(cashapp)
    first = await export(cashapp, limit=2)
    second = await export(cashapp, after=first.headers["openitem-next-after"])
    nothing = await export(cashapp, after=second.headers["openitem-next-after"])
    await cashapp.invoice("RE-2")
    new = await export(cashapp, after=nothing.headers["openitem-next-after"])

    read = (first, second, nothing, new)
    assert [[row["sequence"] for row in rows(one)] for one in read] == [
        ["1", "1", "2", "2"],
        ["3", "3"],
        [],
        ["4", "4"],
    ]
    assert [one.headers["openitem-more"] for one in read] == ["true", "false", "false", "false"]


async def test_an_export_of_one_company_goes_on_behind_the_entries_of_others(cashapp: Cashapp) -> None:
    for number in range(3):
        await cashapp.invoice(f"RE-{number}", company_code="1000" if number else "2000")

    answer = await export(cashapp, company_code="1000", limit=2)

    assert ([row["sequence"] for row in rows(answer)], answer.headers["openitem-more"]) == (
        ["2", "2", "3", "3"],
        "false",
    )


async def test_an_export_of_nothing_is_a_file_with_headings(cashapp: Cashapp) -> None:
    assert (await export(cashapp)).text == ",".join(COLUMNS) + "\r\n"
    assert pyarrow.parquet.read_table(io.BytesIO((await export(cashapp, format="parquet")).content)).num_rows == 0


async def test_a_cursor_of_another_journal_is_refused_and_not_taken_for_nothing_new(cashapp: Cashapp) -> None:
    await cashapp.invoice()

    for path in (PATH, "/v1/ledger/entries"):
        answer = await cashapp.client.get(path, params={"after": 2}, headers=bearer("auditor"))
        assert (answer.status_code, answer.json()["code"]) == (422, "beyond_journal")


async def test_readers_that_go_on_while_others_post_miss_nothing(cashapp: Cashapp) -> None:
    async def post(person: int) -> None:
        for number in range(6):
            await cashapp.invoice(f"RE-{person}-{number}")

    async def read() -> list[str]:
        seen, after = [], 0
        while not posting.done() or after < 24:
            answer = await export(cashapp, after=after)
            seen += [row["posting_id"] for row in rows(answer)]
            after = int(answer.headers["openitem-next-after"])
        return seen

    posting = asyncio.gather(*(post(person) for person in range(4)))
    read_on = await read()

    assert read_on == [row["posting_id"] for row in rows(await export(cashapp))]
    assert len(read_on) == 48


def row(**fields: Any) -> list[Any]:
    usual: dict[str, Any] = {"whole": 1, "amount": Decimal("1.50"), "day": date(2026, 3, 1), "text": "x"}
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return [fields.get(name, at if kind == "instant" else usual[kind]) for name, kind in COLUMNS.items()]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_is_a_formula_to_a_spreadsheet(text: str) -> None:
    written = writer_of("csv").rows([row(customer_id=text)]).decode()

    (read,) = csv.DictReader(io.StringIO(written, newline=""))
    assert read["customer_id"] == "'" + text


@pytest.mark.parametrize("text", ['say "x", y', "Müller\nSöhne", "東京", "a;b"])
def test_other_text_is_written_as_it_is(text: str) -> None:
    written = writer_of("csv").rows([row(customer_id=text)]).decode()

    (read,) = csv.DictReader(io.StringIO(written, newline=""))
    assert (read["customer_id"], read["debit"]) == (text, "1.50")


def test_parquet_is_written_in_pieces_that_make_one_file() -> None:
    writer = writer_of("parquet")
    pieces = [writer.rows([row(sequence=number, value_date=None)]) for number in range(3)] + [writer.end()]

    table = pyarrow.parquet.read_table(io.BytesIO(b"".join(pieces)))

    assert all(pieces)
    assert (table["sequence"].to_pylist(), table["value_date"].null_count) == ([0, 1, 2], 3)


async def test_exports_are_for_those_who_read_the_ledger(cashapp: Cashapp) -> None:
    assert (await cashapp.client.get(PATH, headers=bearer("collector"))).status_code == 403
    for params in ({"format": "xlsx"}, {"after": -1}, {"limit": 0}, {"limit": 1_000_001}, {"to": 3}):
        assert (await export(cashapp, **params)).status_code == 422
