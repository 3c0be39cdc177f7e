from typing import Any

from sqlalchemy import text

from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

PATH = "/v1/customers/C-1/financial-statements"
JOURNAL = text("select kind, actor from journal_entries where subject = :subject order by position")
STATEMENT: dict[str, Any] = {
    "period_end": "2025-12-31",
    "currency": "EUR",
    "units": "thousands",
    "audited": True,
    "source": "annual report 2025",
    "figures": {"total_assets": "1000.00", "equity": "-20.00", "total_liabilities": "1020.00"},
}


async def record(desk: CreditDesk, role: str = "credit_analyst", **changes: Any) -> Any:
    return await desk.send(role, "POST", PATH, json=STATEMENT | changes)


async def test_a_statement_is_kept_as_given_with_what_is_computed_from_it(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answer = await record(desk)
    read = await desk.ask("auditor", "GET", f"{PATH}/{answer.json()['id']}")

    assert answer.status_code == 201
    assert answer.json() == read
    assert read["figures"]["equity"] == "-20.00"
    assert read["figures"]["revenue"] is None
    ratios = {one["name"]: one for one in read["ratios"]}
    assert ratios["equity_to_liabilities"]["value"] == "-0.019608"
    assert (
        read["altman_z2"]["why_missing"]
        == "current_assets, current_liabilities not given; retained_earnings not given; ebit not given"
    )


async def test_the_same_statement_again_is_the_one_that_is_there(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    first = await record(desk)

    again = await record(desk)
    restated = await record(desk, source="restated")

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert restated.status_code == 201
    listed = (await desk.ask("credit_manager", "GET", PATH))["data"]
    assert [one["source"] for one in listed] == ["restated", "annual report 2025"]


async def test_a_statement_and_who_reads_it_are_in_the_journal(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    statement = (await record(desk)).json()
    await desk.ask("auditor", "GET", f"{PATH}/{statement['id']}")

    async with units.read() as session:
        entries = (await session.execute(JOURNAL, {"subject": statement["id"]})).all()

    assert entries == [("financial_statement.recorded", "credit_analyst"), ("read", "auditor")]


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"figures": {}}, "figures"),
    ({"figures": {"total_assets": "-1"}}, "figures.total_assets"),
    ({"figures": {"total_assets": 12}}, "figures.total_assets"),
    ({"figures": {"total_assets": "1e99"}}, "figures.total_assets"),
    ({"figures": {"total_assets": "1234567890123456"}}, "figures.total_assets"),
    ({"figures": {"goodwill": "1"}}, "figures.goodwill"),
    ({"figures": {"total_assets": "100", "current_assets": "103"}}, "figures.current_assets"),
    ({"currency": "XXZ"}, "currency"),
    ({"units": "dozens"}, "units"),
    ({"period_end": "2025-02-30"}, "period_end"),
    ({"period_months": 0}, "period_months"),
    ({"source": "a\0b"}, "source"),
    ({"source": ""}, "source"),
]


async def test_a_mistake_is_named(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [await record(desk, **changes) for changes, _ in MISTAKES]

    assert {answer.status_code for answer in answers} == {422}
    named = [[error["field"] for error in answer.json()["errors"]] for answer in answers]
    assert named == [[field] for _, field in MISTAKES]


async def test_an_unknown_customer_or_statement_is_404_and_a_collector_writes_none(desk: CreditDesk) -> None:
    unknown = await record(desk)
    await desk.customer("C-1")
    await desk.customer("C-2")
    statement = (await record(desk)).json()["id"]

    assert unknown.status_code == 404
    assert (await record(desk, role="collector")).status_code == 403
    assert (await desk.send("collector", "GET", PATH)).status_code == 403
    elsewhere = await desk.send("auditor", "GET", f"/v1/customers/C-2/financial-statements/{statement}")
    assert elsewhere.status_code == 404
