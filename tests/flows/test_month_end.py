"""What the controller sees to at the end of a month, told through the gateway: what is small, owed back, or not yet asked for."""

import io
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.flows.receivables import applied, code, company_code, received, takes
from tests.flows.world import DAY, World

pytestmark = pytest.mark.stack

MONTH_END = (DAY + timedelta(days=29)).isoformat()


async def test_small_balances_are_previewed_cleared_by_two_people_and_taken_back_together(world: World) -> None:
    company, customer = company_code(), await world.customer()
    small = await world.invoice(customer, "1.80", company_code=company)
    credit = await world.invoice(customer, "0.70", kind="credit_memo", company_code=company)
    large = await world.invoice(customer, "80.00", company_code=company)
    balances = (small, credit, large)
    asked = {
        "as_of": (DAY + timedelta(days=60)).isoformat(),
        "company_code": company,
        "currency": "EUR",
        "max_amount": "5.00",
        "older_than_days": 10,
    }

    async def run(**more: Any) -> Any:
        job = await world.ask("ar_specialist", "POST", "/v1/write-offs/small-balances", json=asked | more)
        return (await world.job("ar_specialist", job))["result"]

    async def standing() -> list[str]:
        return [(await world.item(item))["balance"] for item in balances]

    preview = await run(dry_run=True)
    pending = await run()
    address = f"/v1/write-offs/small-balances/{pending['run_id']}"
    shut = await code(world, "ar_specialist", f"{address}/approve", {})
    before = await standing()
    await world.ask("controller", "POST", f"{address}/approve", json={"note": "Checked"})
    cleared = await standing()
    again = await code(world, "controller", f"{address}/approve", {})
    back = {"reason": "The wrong company", "posting_date": (DAY + timedelta(days=61)).isoformat()}
    await world.ask("controller", "POST", f"{address}/reverse", json=back)

    assert (preview["run_id"], preview["items"]) == (None, 2)
    assert (pending["status"], pending["debits"], pending["credits"]) == ("pending", "1.80", "0.70")
    assert (shut, again) == ((403, "insufficient_scope"), (409, "small_balance_run_state"))
    assert before == ["1.80", "-0.70", "80.00"]
    assert cleared == ["0.00", "0.00", "80.00"]
    assert await standing() == before
    await world.books_agree()


async def test_a_chart_of_accounts_is_changed_by_its_version_and_shows_in_the_journal(world: World) -> None:
    company, customer = company_code(), await world.customer()
    await world.invoice(customer, "100.00", company_code=company)
    address = f"/v1/accounts/{company}"
    own = {"accounts": [{"account": "receivables", "number": "140000", "name": "Debitoren"}]}
    at_first = {"If-Match": '"0"'}

    async def number_of_receivables() -> str:
        entries = (await world.get("auditor", "/v1/ledger/entries", customer_id=customer))["data"]
        (line,) = [line for one in entries for line in one["lines"] if line["account"] == "receivables"]
        return str(line["account_number"])

    default, before = await world.get("auditor", address), await number_of_receivables()
    shut = await code(world, "ar_specialist", address, own, method="PUT", headers=at_first)
    changed = await world.ask("controller", "PUT", address, json=own, headers=at_first)
    stale = await code(world, "controller_2", address, {"accounts": []}, method="PUT", headers=at_first)

    assert (default["version"], before) == (0, "1200")
    assert (shut, stale) == ((403, "insufficient_scope"), (412, "stale_version"))
    assert (changed["version"], await number_of_receivables()) == (1, "140000")
    assert [one["account"] for one in changed["accounts"] if one["own"]] == ["receivables"]


async def test_what_customers_have_to_their_credit_is_listed_with_what_they_owe_and_what_is_asked_for(
    world: World,
) -> None:
    customer = await world.customer()
    receipt = await received(world, customer, "90.00")
    memo = await world.invoice(customer, "40.00", kind="credit_memo")
    await world.invoice(customer, "30.00")

    async def candidate() -> Any:
        (found,) = (await world.get("ar_specialist", "/v1/refunds/candidates", customer_id=customer))["data"]
        return {name: found[name] for name in ("credit", "pending", "owed", "net_credit")}

    before = await candidate()
    asked = {
        "customer_id": customer,
        "currency": "EUR",
        "amount": "100.00",
        "reason_code": "credit_balance",
        "receipt_ids": [receipt["id"]],
        "item_ids": [memo["id"]],
    }
    refund = await world.ask("ar_specialist", "POST", "/v1/refunds", json=asked)
    waiting = await candidate()
    reject = f"/v1/refunds/{refund['id']}/reject"
    shut = await code(world, "ar_specialist", reject, {"note": "No"})
    await world.ask("controller", "POST", reject, json={"note": "They will order again."})
    without_debt = await world.get("ar_specialist", "/v1/refunds/candidates", customer_id=customer, without_debt="true")

    assert before == {"credit": "130.00", "pending": "0.00", "owed": "30.00", "net_credit": "100.00"}
    assert waiting == before | {"pending": "100.00", "net_credit": "0.00"}
    assert shut == (403, "insufficient_scope")
    assert await candidate() == before
    assert without_debt["data"] == []


async def test_a_down_payment_to_raise_is_on_the_months_list_and_in_the_checklist_until_it_is_sent(
    world: World,
) -> None:
    company, customer = company_code(), await world.customer()
    last = DAY + timedelta(days=28)
    request = await world.invoice(customer, "600.00", kind="down_payment_request", company_code=company, issued_on=last)

    async def to_raise() -> list[str]:
        wanted = {"kind": "down_payment_request", "as_of": MONTH_END, "company_code": company}
        listed = (await world.get("collector", "/v1/undelivered-items", **wanted))["data"]
        return [one["item_id"] for one in listed]

    async def in_checklist() -> tuple[str, int]:
        checks = (await world.get("controller", f"/v1/periods/{DAY:%Y-%m}", company_code=company))["checks"]
        (found,) = [one for one in checks if one["name"] == "down_payments_raised"]
        return found["state"], found["count"]

    before = await to_raise(), await in_checklist()
    mailed = {"item_ids": [request["id"], "itm_none"], "mailed_on": last.isoformat()}
    shut = await code(world, "collector", "/v1/submissions/mailed", mailed)
    marked = await world.ask("ar_specialist", "POST", "/v1/submissions/mailed", json=mailed)

    assert before == ([request["id"]], ("open", 1))
    assert shut == (403, "insufficient_scope")
    assert [one["result"] for one in marked["results"]] == ["marked", "not_found"]
    assert (await to_raise(), await in_checklist()) == ([], ("done", 0))


async def test_the_journal_read_by_cursor_in_parquet_is_every_entry_once_and_comes_to_the_trial_balance(
    world: World,
) -> None:
    company, customer = company_code(), await world.customer()
    items = [await world.invoice(customer, f"{amount}.10", company_code=company) for amount in (10, 20, 30)]
    receipt = await received(world, customer, "45.20", company_code=company)
    await applied(world, receipt, takes(items[0], "10.10"), takes(items[1], "20.10"))
    shut = await world.request("collector", "GET", "/v1/ledger/exports")

    parts: list[pa.Table] = []
    after = "0"
    while not parts or parts[-1].num_rows:
        wanted = {"company_code": company, "format": "parquet", "after": after, "limit": "2"}
        answer = await world.request("auditor", "GET", "/v1/ledger/exports", params=wanted)
        parts.append(pq.read_table(io.BytesIO(answer.content)))
        after = answer.headers["openitem-next-after"]
    journal = pa.concat_tables(parts)

    sequences = journal.column("sequence").to_pylist()
    assert (len(set(sequences)), sequences) == (5, sorted(sequences))
    assert pc.sum(journal.column("debit")) == pc.sum(journal.column("credit"))
    of_receivables = journal.filter(pc.equal(journal.column("account"), "receivables"))
    owed = pc.sum(of_receivables.column("debit")).as_py() - pc.sum(of_receivables.column("credit")).as_py()
    assert f"{owed:.2f}" == "30.10"
    assert shut.status_code == 403


async def test_a_closed_month_stays_closed_until_somebody_else_agrees(world: World) -> None:
    company, customer = company_code(), await world.customer()
    await world.invoice(customer, "100.00", company_code=company)
    address, own = f"/v1/periods/{DAY:%Y-%m}", {"company_code": company}
    shut = await code(world, "ar_specialist", f"{address}/close", own)
    named = await world.request("controller", "POST", f"{address}/close", json=own)
    accepted = [{"check": one["check"], "reason": "Known."} for one in named.json().get("missing", [])]
    await world.ask("controller", "POST", f"{address}/close", json=own | {"accept": accepted})
    asked = own | {"reason": "An invoice was forgotten"}

    first = await world.ask("controller_2", "POST", f"{address}/reopen", json=asked)
    second = await code(world, "controller", f"{address}/reopen", asked)
    judged = [
        await code(world, "controller_2", f"/v1/reopenings/{first['id']}/{verb}", {}) for verb in ("approve", "reject")
    ]
    await world.ask("controller", "POST", f"/v1/reopenings/{first['id']}/reject", json={"note": "Post it in April."})
    late = await code(world, "controller", f"/v1/reopenings/{first['id']}/approve", {})

    assert shut == (403, "insufficient_scope")
    assert second == (409, "reopening_pending")
    assert judged == [(403, "four_eyes"), (403, "four_eyes")]
    assert late == (409, "reopening_decided")
    assert (await world.get("auditor", address, company_code=company))["status"] == "closed"
    (trace,) = (await world.get("auditor", "/v1/reopenings", company_code=company))["data"]
    assert (trace["requested_by"], trace["decided_by"], trace["status"]) == ("controller_2", "controller", "rejected")
    with pytest.raises(AssertionError, match="period_closed"):
        await world.invoice(customer, "1.00", issued_on=DAY + timedelta(days=1), company_code=company)
