"""A body that says something twice is refused, wherever in it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import Request
from starlette.types import Message

from shared.http.app import build_app
from shared.http.edge import Body, api_router
from shared.http.json_guard import guarded
from tests.support.services import serving, settings_for, verifier

router = api_router("notes")


class NoteBody(Body):
    words: str
    anything: dict[str, Any] = {}


@router.post("/notes", status_code=201)
async def write_note(body: NoteBody) -> NoteBody:
    return body


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for("postgresql://nobody@127.0.0.1:9/none")
    app = build_app(settings, title="Notes", source="notes", routers=[router], verifier=verifier())
    async with serving(app) as client:
        yield client


async def test_a_caller_who_hangs_up_is_no_fault_of_the_service() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    await guarded(Request(scope, receive))


async def sent(client: httpx.AsyncClient, body: bytes) -> httpx.Response:
    return await client.post("/notes", content=body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"words": "a", "words": "b"}', "words"),
        (b'{"words": "a", "words": "a"}', "words"),
        (b'{"words": "a", "anything": {"list": [{"amount": 1, "amount": 2}]}}', "amount"),
        (b'{"words": "a", "w\\u006frds": "b"}', "words"),
        (b'{"words": "a", "\\ud800": 1, "\\ud800": 2}', "?"),
        (b'{"words": "v" , ":": 1 , ":": 2}', ":"),
        (b'{"words" : "words:", "words"\n:"b"}', "words"),
        ('{"words": "a", "words": "b"}'.encode("utf-16"), "words"),
        (b'\xef\xbb\xbf{"words": "a", "words": "b"}', "words"),
    ],
    ids=["once more", "alike", "deep", "escaped", "no character", "colons", "blanks", "UTF-16", "byte order mark"],
)
async def test_a_field_that_stands_twice_in_one_object_is_refused_and_named(
    client: httpx.AsyncClient, body: bytes, field: str
) -> None:
    answer = await sent(client, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "field_twice"), answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_json_is_looked_at_whatever_else_its_content_type_says(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json; profile=platform"}
    answer = await client.post("/notes", content=b'{"words": "a", "words": "b"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "field_twice"), answer.text


async def test_the_same_field_of_different_objects_is_taken(client: httpx.AsyncClient) -> None:
    answer = await sent(client, b'{"words": "a", "anything": {"words": {"words": 1}, "more": [{"a": 1}, {"a": 1}]}}')
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 100_000, b'{"words": ' + b'{"a":' * 50_000], ids=["cut", "deep", "deeper"]
)
async def test_what_is_no_json_is_said_to_be_none(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await sent(client, body)
    assert (400 <= answer.status_code < 500, answer.json()["code"] == "field_twice") == (True, False)
