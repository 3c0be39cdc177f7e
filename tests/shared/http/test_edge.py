"""The HTTP edge on a small app: what every service's routes rely on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, File, Form, Query, UploadFile
from sqlalchemy import Column, Integer, Table, Text, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.database import async_url, new_metadata
from shared.errors import ConflictError
from shared.http.app import build_app
from shared.http.edge import Body, ExpectedVersion, Work, api_router
from shared.money import PositiveAmount
from shared.tables import add_shared_tables
from shared.versions import ensure_fresh
from tests.support.services import bearer, serving, settings_for, verifier

METADATA = new_metadata()
NOTES = Table("notes", METADATA, Column("id", Integer, primary_key=True), Column("words", Text, nullable=False))
add_shared_tables(METADATA)

router = api_router("notes")


class NoteBody(Body):
    words: str
    amount: PositiveAmount | None = None


@router.post("/notes", status_code=201)
async def write_note(body: NoteBody, uow: Work) -> dict[str, str]:
    await uow.session.execute(NOTES.insert().values(words=body.words))
    if body.words == "slow":
        await asyncio.sleep(0.5)
    if body.words == "refused":
        raise ConflictError("Not this one.")
    return {"words": body.words}


@router.post("/files", status_code=201)
async def keep_file(file: Annotated[UploadFile, File()], uow: Work, title: Annotated[str, Form()] = "") -> str:
    return f"{title} {file.filename} {file.content_type}"


@router.put("/notes/{version}")
async def change_note(version: int, expected: ExpectedVersion) -> None:
    ensure_fresh(expected, version)


@router.get("/notes")
async def choose(word: str = "", places: Annotated[list[int] | None, Query()] = None) -> list[object]:
    return [word, places]


REFUSE_AT_COMMIT = """
create function collide() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '40P01'; end $$;
create trigger collide before insert on notes for each row when (new.words = 'deadlock') execute function collide();
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '23514'; end $$;
create constraint trigger refuse after insert on notes deferrable initially deferred
for each row when (new.words = 'fails at commit') execute function refuse();
"""


@pytest.fixture
async def app(fresh_database: str) -> FastAPI:
    engine = create_async_engine(async_url(fresh_database))
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.execute(REFUSE_AT_COMMIT)
    await engine.dispose()
    return build_app(settings_for(fresh_database), title="Notes", source="notes", routers=[router], verifier=verifier())


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(app) as client:
        yield client


@pytest.fixture
def count(app: FastAPI) -> Callable[[], Awaitable[int]]:
    async def count_notes() -> int:
        async with app.state.units.read() as session:
            return int(await session.scalar(text("select count(*) from notes")))

    return count_notes


async def post(client: httpx.AsyncClient, words: object, key: str | None = None, who: str = "erp") -> httpx.Response:
    headers = bearer("erp", who) | ({"Idempotency-Key": key} if key else {})
    return await client.post("/notes", json={"words": words}, headers=headers)


async def test_a_failing_commit_is_never_answered_with_success(client: httpx.AsyncClient) -> None:
    answer = await post(client, "fails at commit")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "raise exception" not in answer.text


async def test_who_loses_a_deadlock_is_told_to_send_it_again(client: httpx.AsyncClient) -> None:
    answer = await post(client, "deadlock")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_the_fact_is_committed_when_the_answer_arrives(
    client: httpx.AsyncClient, count: Callable[[], Awaitable[int]]
) -> None:
    await post(client, "kept")

    assert await count() == 1


async def test_the_same_key_and_body_gets_the_same_answer_and_one_effect(
    client: httpx.AsyncClient, count: Callable[[], Awaitable[int]]
) -> None:
    first, second = await post(client, "once", key="k"), await post(client, "once", key="k")

    assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert await count() == 1


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    await post(client, "once", key="k")

    answer = await post(client, "other", key="k")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_file_sent_again_is_the_same_request_only_under_its_name_and_type(client: httpx.AsyncClient) -> None:
    sent = ("proof.pdf", b"%PDF", "application/pdf")
    others = [("other.pdf", *sent[1:]), (*sent[:2], "text/html"), ("proof.pdf", b"%PDF 2", "application/pdf")]
    headers = bearer("erp") | {"Idempotency-Key": "k"}

    async def keep(file: tuple[str, bytes, str], **form: str) -> httpx.Response:
        return await client.post("/files", files={"file": file}, data=form, headers=headers)

    first, again = await keep(sent), await keep(sent)
    refused = [*[await keep(one) for one in others], await keep(sent, title="Proof")]

    assert (again.status_code, again.content) == (201, first.content)
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(422, "idempotency_key_reused")}


async def test_a_key_in_flight_is_a_conflict(client: httpx.AsyncClient, count: Callable[[], Awaitable[int]]) -> None:
    answers = await asyncio.gather(*(post(client, "slow", key="k") for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await count() == 1


async def test_a_key_belongs_to_its_caller(client: httpx.AsyncClient, count: Callable[[], Awaitable[int]]) -> None:
    await post(client, "mine", key="k", who="one")
    answer = await post(client, "yours", key="k", who="two")

    assert answer.status_code == 201
    assert await count() == 2


async def test_a_refused_request_leaves_no_trace_and_frees_its_key(
    client: httpx.AsyncClient, count: Callable[[], Awaitable[int]]
) -> None:
    refused = await post(client, "refused", key="k")
    answer = await post(client, "accepted", key="k")

    assert (refused.status_code, answer.status_code) == (409, 201)
    assert await count() == 1


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        (b"{not json", 400, "1"),
        (b"\xff\xfe", 400, None),
        (b"[]", 422, "body"),
        (b'{"words": 1}', 422, "words"),
        (b'{"words": "a\\u0000b"}', 422, "words"),
        (b'{"words": "a", "colour": "red"}', 422, "colour"),
        (b'{"words": "a", "amount": 1.5}', 422, "amount"),
        (b'{"words": "a", "amount": "1e9"}', 422, "amount"),
        (b'{"words": "a", "amount": "-1.00"}', 422, "amount"),
        (b'{"words": "a", "amount": "NaN"}', 422, "amount"),
        (b'{"words": "a", "amount": "9999999999999999.00"}', 422, "amount"),
        (b'{"words": "' + b"a" * 5_000_000 + b'"}', 413, None),
        (b"[" * 100_000, 400, None),
    ],
)
async def test_bad_bodies_are_problem_documents_that_name_the_field(
    client: httpx.AsyncClient, content: bytes, status: int, field: str | None
) -> None:
    answer = await client.post("/notes", content=content, headers=bearer("erp") | {"Content-Type": "application/json"})

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    if field is not None:
        assert field in [error["field"] for error in answer.json()["errors"]]


async def test_an_unknown_query_parameter_is_refused_with_the_known_ones(client: httpx.AsyncClient) -> None:
    answer = await client.post("/notes?dryrun=1", json={"words": "a"}, headers=bearer("erp"))

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")


async def test_a_query_parameter_stands_once_unless_it_has_several_values(client: httpx.AsyncClient) -> None:
    twice = await client.get("/notes?word=a&word=b", headers=bearer("erp"))
    several = await client.get("/notes?word=a&places=1&places=2", headers=bearer("erp"))

    assert (twice.status_code, twice.json()["code"]) == (422, "parameter_twice")
    assert [one["field"] for one in twice.json()["errors"]] == ["word"]
    assert several.json() == ["a", [1, 2]]


async def test_a_stale_if_match_is_412_and_a_malformed_one_422(client: httpx.AsyncClient) -> None:
    answers = [
        (await client.put("/notes/3", headers=bearer("erp") | {"If-Match": tag})).status_code
        for tag in ('"3"', '"2"', "three")
    ]

    assert answers == [200, 412, 422]


@pytest.mark.parametrize("authorization", [None, "Bearer x.y.z", "Basic abc", "Bearer "])
async def test_without_a_valid_token_the_answer_is_401(client: httpx.AsyncClient, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = await client.post("/notes", json={"words": "a"}, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_every_answer_carries_the_request_id_and_problems_repeat_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing", headers={"X-Request-Id": "abc-1"})

    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"] == "abc-1"


async def test_a_database_that_is_away_is_503_and_not_ready(fresh_database: str) -> None:
    gone = settings_for(fresh_database.rsplit(":", 1)[0] + ":9/none")
    app = build_app(gone, title="Notes", source="notes", routers=[router], verifier=verifier())
    async with serving(app) as client:
        answer, ready = await post(client, "a"), await client.get("/readyz")

    assert (answer.status_code, ready.status_code) == (503, 503)
    assert answer.headers["Retry-After"] == "1"
