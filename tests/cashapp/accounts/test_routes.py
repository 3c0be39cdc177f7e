"""The chart of accounts of a company, and where its numbers are seen."""

import asyncio
from typing import Any

import pytest

from cashapp_service.accounts.domain import DEFAULT_CHART
from cashapp_service.ledger.domain import Account
from tests.cashapp.driver import Cashapp
from tests.support.services import bearer

PATH = "/v1/accounts/1000"
RECEIVABLES = {"account": "receivables", "number": "140000", "name": "Debitoren"}


async def put(cashapp: Cashapp, *accounts: dict[str, Any], role: str = "controller", **headers: str) -> Any:
    return await cashapp.client.put(PATH, json={"accounts": list(accounts)}, headers=bearer(role) | headers)


def labels(chart: dict[str, Any]) -> dict[str, tuple[str, str, bool]]:
    return {one["account"]: (one["number"], one["name"], one["own"]) for one in chart["accounts"]}


def test_the_default_chart_names_every_account_by_a_number_of_its_own() -> None:
    assert set(DEFAULT_CHART) == set(Account)
    assert len({label.number for label in DEFAULT_CHART.values()}) == len(Account)


async def test_a_company_names_some_accounts_and_the_rest_is_as_in_the_default_chart(cashapp: Cashapp) -> None:
    before = await cashapp.client.get(PATH, headers=bearer("auditor"))
    answer = await put(cashapp, RECEIVABLES)

    assert (before.headers["etag"], before.json()["version"]) == ('"0"', 0)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert labels(answer.json()) == labels(before.json()) | {"receivables": ("140000", "Debitoren", True)}
    assert labels(await cashapp.get("/v1/accounts/2000")) == labels(before.json())
    assert await cashapp.get(PATH) == answer.json()


async def test_what_is_not_sent_again_is_as_in_the_default_chart_again(cashapp: Cashapp) -> None:
    await put(cashapp, RECEIVABLES)

    same, default = await put(cashapp, RECEIVABLES), await put(cashapp)

    assert (same.json()["version"], default.json()["version"]) == (1, 2)
    assert labels(default.json())["receivables"] == ("1200", "Trade receivables", False)


async def test_entries_and_trial_balance_show_the_numbers_of_today(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    await cashapp.invoice(company_code="2000")
    await put(cashapp, RECEIVABLES)

    entries = (await cashapp.get("/v1/ledger/entries"))["data"]
    assert [entry["lines"][0]["account_number"] for entry in entries] == ["140000", "1200"]
    one = (await cashapp.get("/v1/ledger/trial-balance", as_of="2026-12-31", company_code="1000"))["data"]
    assert {row["account"]: row["account_number"] for row in one} == {"receivables": "140000", "revenue": "4400"}
    both = (await cashapp.get("/v1/ledger/trial-balance", as_of="2026-12-31"))["data"]
    assert {row["account"]: row["account_number"] for row in both} == {"receivables": None, "revenue": "4400"}


async def test_a_stale_chart_is_not_put_over_a_newer_one(cashapp: Cashapp) -> None:
    await put(cashapp, RECEIVABLES, **{"If-Match": '"0"'})

    assert (await put(cashapp, **{"If-Match": '"0"'})).status_code == 412


@pytest.mark.parametrize(
    ("accounts", "field"),
    [
        ([RECEIVABLES, RECEIVABLES], "accounts.1.account"),
        ([RECEIVABLES | {"account": "recievables"}], "accounts.0.account"),
        ([RECEIVABLES | {"number": "=1+1"}], "accounts.0.number"),
        ([RECEIVABLES | {"number": ""}], "accounts.0.number"),
        ([RECEIVABLES | {"name": " "}], "accounts.0.name"),
        ([RECEIVABLES | {"nmae": "x"}], "accounts.0.nmae"),
    ],
)
async def test_what_is_no_chart_is_refused(cashapp: Cashapp, accounts: list[dict[str, str]], field: str) -> None:
    answer = await put(cashapp, *accounts)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await cashapp.get(PATH))["version"] == 0


@pytest.mark.parametrize("role", ["ar_specialist", "auditor", "erp"])
async def test_only_who_writes_the_ledger_changes_its_chart(cashapp: Cashapp, role: str) -> None:
    assert (await put(cashapp, RECEIVABLES, role=role)).status_code == 403


async def test_charts_put_at_once_are_put_one_after_the_other(cashapp: Cashapp) -> None:
    answers = await asyncio.gather(*(put(cashapp, RECEIVABLES | {"number": str(number)}) for number in range(6)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await cashapp.get(PATH))["version"] == sum(answer.status_code == 200 for answer in answers)


@pytest.mark.parametrize("code", ["%00", "x" * 21, "%F0%9F%92%A3", "1000%2F..", "' or 1=1"])
async def test_no_company_code_is_a_fault(cashapp: Cashapp, code: str) -> None:
    paths = (
        f"/v1/accounts/{code}",
        f"/v1/ledger/trial-balance?company_code={code}",
        f"/v1/ledger/exports?company_code={code}",
    )

    for path in paths:
        answer = await cashapp.client.get(path, headers=bearer("auditor"))
        assert answer.status_code in (200, 404, 422), (path, answer.text)


async def test_no_chart_is_put_for_a_company_that_no_document_could_name(cashapp: Cashapp) -> None:
    answer = await cashapp.client.put("/v1/accounts/1000%20", json={"accounts": []}, headers=bearer("controller"))

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["company_code"])
