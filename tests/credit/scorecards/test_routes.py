from typing import Any

from credit_service.scorecards.domain.default import DEFAULT
from tests.credit.desk import CreditDesk

PATH = "/v1/scorecards/default"
CONTENT: dict[str, Any] = DEFAULT.model_dump(mode="json")


async def put(
    desk: CreditDesk, content: dict[str, Any], path: str = PATH, role: str = "credit_manager", **headers: str
) -> Any:
    return await desk.send(role, "PUT", path, json=content, headers=headers)


async def test_the_scorecard_to_begin_with_is_the_default_one(desk: CreditDesk) -> None:
    answer = await desk.send("credit_analyst", "GET", PATH)

    assert answer.headers["ETag"] == '"1"'
    assert answer.json() == CONTENT | {"scorecard_id": "default", "version": 1}


async def test_equal_content_makes_no_new_version_and_a_stale_one_is_refused(desk: CreditDesk) -> None:
    changed = await put(desk, CONTENT | {"items_min": 5}, **{"If-Match": '"1"'})
    same = await put(desk, CONTENT | {"items_min": 5})
    stale = await put(desk, CONTENT, **{"If-Match": '"1"'})

    assert [one.status_code for one in (changed, same, stale)] == [200, 200, 412]
    assert (changed.json()["version"], same.json()["version"]) == (2, 2)


async def test_another_scorecard_begins_with_its_own_first_version(desk: CreditDesk) -> None:
    answer = await put(desk, CONTENT, "/v1/scorecards/retail")

    assert (answer.json()["scorecard_id"], answer.json()["version"]) == ("retail", 1)


async def test_an_unknown_one_is_404_and_an_analyst_writes_none(desk: CreditDesk) -> None:
    unknown = await desk.send("auditor", "GET", "/v1/scorecards/moon")
    analyst = await put(desk, CONTENT, role="credit_analyst")

    assert (unknown.status_code, unknown.json()["code"], analyst.status_code) == (404, "scorecard_not_found", 403)


async def test_a_mistake_is_named(desk: CreditDesk) -> None:
    answer = await put(desk, CONTENT | {"classes": CONTENT["classes"][:4]})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["classes"]
