"""A release above one's authority waits for somebody else who may."""

import asyncio
from typing import Any

import pytest

from tests.credit.desk import CreditDesk
from tests.credit.releases.test_routes import held, release

ABOVE = "50000.01"
"""A cent more than an analyst may let go."""


async def requested(desk: CreditDesk, **terms: Any) -> str:
    """Have an analyst ask for the release of SO-1 and return the hold."""
    hold_id = await held(desk, amount=ABOVE)
    answer = await release(desk, hold_id, **terms)
    assert answer.status_code == 202, answer.text
    return hold_id


async def hold_of(desk: CreditDesk, hold_id: str) -> Any:
    return next(hold for hold in await desk.holds("C-1") if hold["id"] == hold_id)


async def decline(desk: CreditDesk, hold_id: str, role: str) -> Any:
    return await desk.send(role, "POST", f"/v1/holds/{hold_id}/decline-release", json={"note": "not yet"})


async def test_a_release_above_ones_authority_waits_and_the_order_with_it(desk: CreditDesk) -> None:
    hold_id = await held(desk, amount=ABOVE)

    answer = await release(desk, hold_id, valid_until="2026-04-30", amount_tolerance_pct="5")

    assert answer.status_code == 202
    hold = answer.json()
    assert (hold["status"], hold["decided_by"]) == ("release_requested", None)
    assert {
        name: hold["release_request"][name] for name in ("requested_by", "valid_until", "amount_tolerance_pct")
    } == {
        "requested_by": "credit_analyst",
        "valid_until": "2026-04-30",
        "amount_tolerance_pct": "5",
    }
    assert [waiting["id"] for waiting in await desk.holds("C-1", status="release_requested")] == [hold_id]
    assert (await desk.order("SO-1"))["status"] == "held"
    assert await desk.exposure("C-1") == "0.00"


@pytest.mark.parametrize(("tolerance", "status"), [("25", 200), ("25.0001", 202)])
async def test_the_value_up_to_which_an_order_may_grow_has_to_be_within_the_authority(
    desk: CreditDesk, tolerance: str, status: int
) -> None:
    hold_id = await held(desk, amount="40000.00")

    answer = await release(desk, hold_id, amount_tolerance_pct=tolerance)

    assert answer.status_code == status


async def test_a_manager_releases_on_the_terms_that_were_asked_for(desk: CreditDesk) -> None:
    hold_id = await requested(desk, valid_until="2026-04-30", reason_code="promised")

    answer = await desk.send("credit_manager", "POST", f"/v1/holds/{hold_id}/release")

    assert answer.status_code == 200
    hold = answer.json()
    assert (hold["status"], hold["decided_by"], hold["reason_code"], hold["valid_until"], hold["release_request"]) == (
        "released",
        "credit_manager",
        "promised",
        "2026-04-30",
        None,
    )
    assert (await desk.order("SO-1"))["status"] == "released"


async def test_a_managers_own_terms_stand_in_place_of_those_asked_for(desk: CreditDesk) -> None:
    hold_id = await requested(desk, valid_until="2026-12-31", amount_tolerance_pct="50")

    hold = (await release(desk, hold_id, "credit_manager", valid_until="2026-03-31")).json()

    assert (hold["valid_until"], hold["amount_tolerance_pct"]) == ("2026-03-31", "0")


async def test_who_asked_for_a_release_cannot_give_it(desk: CreditDesk) -> None:
    hold_id = await held(desk, amount="1000000.01")
    assert (await release(desk, hold_id, "credit_manager")).status_code == 202

    answer = await release(desk, hold_id, "credit_manager")

    assert (answer.status_code, answer.json()["code"]) == (403, "four_eyes")


async def test_a_second_analyst_cannot_give_what_the_first_could_not(desk: CreditDesk) -> None:
    hold_id = await requested(desk)

    answer = await release(desk, hold_id, "credit_analyst_2")

    assert (answer.status_code, answer.json()["code"]) == (403, "authority_exceeded")
    assert (await hold_of(desk, hold_id))["release_request"]["requested_by"] == "credit_analyst"


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [
        ("credit_manager", 200, None),
        ("credit_analyst", 200, None),  # withdraws his own
        ("credit_analyst_2", 403, "authority_exceeded"),
        ("erp", 403, "insufficient_scope"),
    ],
)
async def test_a_request_is_declined_by_who_could_give_it_or_withdrawn_by_who_asked(
    desk: CreditDesk, role: str, status: int, code: str | None
) -> None:
    hold_id = await requested(desk)

    answer = await decline(desk, hold_id, role)

    assert (answer.status_code, answer.json().get("code")) == (status, code)
    after = await hold_of(desk, hold_id)
    assert after["status"] == ("open" if status == 200 else "release_requested")
    assert (await desk.order("SO-1"))["status"] == "held"


async def test_a_declined_request_may_be_made_again(desk: CreditDesk) -> None:
    hold_id = await requested(desk)
    await decline(desk, hold_id, "credit_manager")

    assert (await release(desk, hold_id)).status_code == 202


async def test_nothing_is_declined_that_nobody_asked_for(desk: CreditDesk) -> None:
    hold_id = await held(desk)

    answer = await decline(desk, hold_id, "credit_manager")

    assert (answer.status_code, answer.json()["code"]) == (409, "no_release_request")


async def test_without_a_request_a_release_needs_its_reason(desk: CreditDesk) -> None:
    hold_id = await held(desk)

    answer = await desk.send("credit_manager", "POST", f"/v1/holds/{hold_id}/release")

    assert (answer.status_code, answer.json()["code"]) == (422, "release_reason_missing")


async def test_a_rejected_order_takes_the_request_with_it(desk: CreditDesk) -> None:
    hold_id = await requested(desk)

    answer = await desk.send("credit_manager", "POST", f"/v1/holds/{hold_id}/reject", json={"reason_code": "no"})

    hold = answer.json()
    assert (answer.status_code, hold["status"], hold["release_request"]) == (200, "rejected", None)


@pytest.mark.parametrize(("amount", "status"), [("50000.02", "open"), ("50000.00", "release_requested")])
async def test_a_request_lapses_when_the_order_grows(desk: CreditDesk, amount: str, status: str) -> None:
    hold_id = await requested(desk)

    await desk.check("C-1", "SO-1", amount)

    assert (await hold_of(desk, hold_id))["status"] == status


async def test_a_request_lapses_when_another_rule_holds_the_order(desk: CreditDesk) -> None:
    hold_id = await requested(desk)

    await desk.ask("credit_manager", "POST", "/v1/customers/C-1/block", json={"reason": "press"})

    hold = await hold_of(desk, hold_id)
    assert (hold["status"], hold["release_request"]) == ("open", None)
    assert [reason["rule"] for reason in hold["reasons"]] == ["static_limit", "account_blocked"]


async def test_a_cause_that_goes_away_releases_an_order_that_waits_for_a_decision(desk: CreditDesk) -> None:
    hold_id = await requested(desk)

    await desk.limit("C-1", "60000.00")

    hold = await hold_of(desk, hold_id)
    assert (hold["status"], hold["decided_by"], hold["release_request"]) == ("released", "system", None)


async def test_one_order_has_one_open_hold_while_a_release_waits(desk: CreditDesk) -> None:
    hold_id = await requested(desk)

    again = (await desk.check("C-1", "SO-1", "50000.02")).json()

    assert again["hold_id"] == hold_id
    assert len(await desk.holds("C-1")) == 1


async def test_managers_who_decide_at_once_decide_once(desk: CreditDesk) -> None:
    hold_id = await requested(desk)

    answers = await asyncio.gather(
        *(release(desk, hold_id, role) for role in ("credit_manager", "credit_manager_2")),
        decline(desk, hold_id, "credit_manager_3"),
        desk.send("credit_analyst", "POST", f"/v1/holds/{hold_id}/reject", json={}),
    )

    final = (await hold_of(desk, hold_id))["status"]
    codes = [answer.status_code for answer in answers]
    assert all(code in (200, 202, 409) for code in codes)
    assert final in ("released", "rejected")
    assert (await desk.exposure("C-1")) == (ABOVE if final == "released" else "0.00")


async def test_a_stale_view_of_a_hold_decides_nothing(desk: CreditDesk) -> None:
    hold_id = await held(desk)
    await desk.check("C-1", "SO-1", "600.00")

    answer = await release_if(desk, hold_id, '"1"')

    assert answer.status_code == 412
    assert (await release_if(desk, hold_id, '"2"')).status_code == 200


async def release_if(desk: CreditDesk, hold_id: str, etag: str) -> Any:
    path = f"/v1/holds/{hold_id}/release"
    return await desk.send("credit_analyst", "POST", path, json={"reason_code": "seen"}, headers={"If-Match": etag})


async def test_a_block_is_named_by_what_is_held_already_and_lifts_again(desk: CreditDesk) -> None:
    hold_id = await held(desk)

    await desk.ask("credit_manager", "POST", "/v1/customers/C-1/block", json={"reason": "press"})
    blocked = await hold_of(desk, hold_id)
    await desk.ask("credit_manager", "POST", "/v1/customers/C-1/unblock")

    assert [reason["rule"] for reason in blocked["reasons"]] == ["static_limit", "account_blocked"]
    assert [reason["rule"] for reason in (await hold_of(desk, hold_id))["reasons"]] == ["static_limit"]
