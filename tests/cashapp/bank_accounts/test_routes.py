from typing import Any

import httpx
import pytest
import structlog

from tests.cashapp.driver import Cashapp, mt940
from tests.support.services import bearer


async def put(cashapp: Cashapp, account: str = "DE89 3704 0044 0532 0130 00", **body: Any) -> httpx.Response:
    headers = bearer("erp") | body.pop("headers", {})
    return await cashapp.client.put(f"/v1/bank-accounts/{account}", json={"currency": "EUR"} | body, headers=headers)


async def test_an_account_is_known_however_it_is_written(cashapp: Cashapp) -> None:
    first, second = await put(cashapp), await put(cashapp, "de89370400440532013000")

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["account"] == "DE89370400440532013000"
    assert len((await cashapp.get("/v1/bank-accounts"))["data"]) == 1


async def test_a_stale_if_match_is_refused(cashapp: Cashapp) -> None:
    await put(cashapp)
    await put(cashapp, ledger_account="1810")

    answer = await put(cashapp, ledger_account="1820", headers={"If-Match": '"1"'})

    assert answer.status_code == 412


async def test_an_account_of_the_sub_ledger_is_no_bank(cashapp: Cashapp) -> None:
    answer = await put(cashapp, ledger_account="receivables")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "ledger_account")


async def test_the_currency_of_an_account_stays(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940("C5,NTRFNONREF//B1|x", account="DE11"))

    answer = await put(cashapp, "DE11", currency="USD")

    assert (answer.status_code, answer.json()["code"]) == (409, "account_in_use")


@pytest.mark.parametrize("account", ["…3000", "****3000", "----", "äöüé"])
async def test_a_masked_account_or_none_is_refused(cashapp: Cashapp, account: str) -> None:
    answer = await put(cashapp, account)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "account")


async def test_no_account_is_logged(cashapp: Cashapp) -> None:
    with structlog.testing.capture_logs() as lines:
        assert (await put(cashapp)).status_code == 201
        await cashapp.client.get("/v1/bank-accounts", headers=bearer("erp"))

    paths = [line["path"] for line in lines if line["event"] == "http.request"]
    assert paths == ["/v1/bank-accounts/***", "/v1/bank-accounts"]
