"""No card number comes in: the edge refuses it in any field of any body, however it is sent."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import File, Form, UploadFile

from shared.http.app import build_app
from shared.http.context import BODY_BYTES_MAX
from shared.http.edge import Body, api_router
from shared.http.form_guard import masks_card_numbers
from tests.support.services import serving, settings_for, verifier

NUMBER = "4111 1111 1111 1111"

router = api_router("notes")


class NoteBody(Body):
    words: str
    anything: dict[str, Any] = {}


@router.post("/notes", status_code=201)
async def write_note(body: NoteBody) -> NoteBody:
    return body


@router.put("/notes/{key}")
async def put_note(key: str, body: NoteBody) -> str:
    return key


@router.post("/files", status_code=201)
async def keep_file(file: Annotated[UploadFile, File()], title: Annotated[str, Form()] = "") -> int:
    return len(await file.read())


@router.post("/masked-files", status_code=201)
@masks_card_numbers
async def mask_file(file: Annotated[UploadFile, File()], title: Annotated[str, Form()] = "") -> int:
    return len(await file.read())


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for("postgresql://nobody@127.0.0.1:9/none")
    app = build_app(settings, title="Notes", source="notes", routers=[router], verifier=verifier())
    async with serving(app) as client:
        yield client


def fields(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (422, "card_number")
    assert "1111" not in answer.text
    return [one["field"] for one in answer.json()["errors"]]


async def test_a_body_is_refused_and_each_field_named(client: httpx.AsyncClient) -> None:
    body = {
        "words": NUMBER,
        "anything": {"lines": [{"x": "y"}, {"text": f"by card {NUMBER}"}], "number": 4111111111111111},
    }

    assert fields(await client.post("/notes", json=body)) == ["anything.lines.1.text", "words"]


@pytest.mark.parametrize("key", [NUMBER, "4111-1111-1111-1111", "card 4111111111111111", "４１１１ 1111 1111 1111"])
async def test_no_key_that_a_path_gives_something_new_holds_one(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.put(f"/notes/{quote(key)}", json={"words": "x"})

    assert fields(answer) == ["path"]


@pytest.mark.parametrize("key", ["4111111111111111", "2026-11-22", "DE02 1203 0000 0000 2020 51", "RE-4111-1111"])
async def test_a_key_in_one_piece_is_the_erps_own(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.put(f"/notes/{quote(key)}", json={"words": "x"})

    assert (answer.status_code, answer.json()) == (200, key)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("kind", ["application/json", "application/merge-patch+json", "text/plain"])
async def test_no_encoding_and_no_type_of_content_hides_one(
    client: httpx.AsyncClient, encoding: str, kind: str
) -> None:
    content = json.dumps({"words": NUMBER}).encode(encoding)

    answer = await client.post("/notes", content=content, headers={"Content-Type": kind})

    assert answer.status_code in (400, 422)
    assert "1111" not in answer.text


async def test_two_types_of_content_hide_none(client: httpx.AsyncClient) -> None:
    headers = [("Content-Type", "multipart/form-data; boundary=x"), ("Content-Type", "application/json")]

    answer = await client.post("/notes", content=json.dumps({"words": NUMBER}), headers=headers)

    assert fields(answer) == ["words"]


async def test_a_body_in_parts_is_looked_at_as_a_whole(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for part in ('{"words": "4111', " 1111 1111", ' 1111"}'):
            yield part.encode()

    answer = await client.post("/notes", content=parts(), headers={"Content-Type": "application/json"})

    assert fields(answer) == ["words"]


async def test_a_body_in_parts_without_one_arrives_whole(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for part in ('{"words": "in ', "three ", 'parts"}'):
            yield part.encode()

    answer = await client.post("/notes", content=parts(), headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["words"]) == (201, "in three parts")


async def test_a_body_in_parts_without_end_is_refused(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(BODY_BYTES_MAX // 65_536 + 2):
            yield b" " * 65_536

    answer = await client.post("/notes", content=parts(), headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"4111111111111111"])
async def test_what_is_no_document_is_refused_as_ever(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/notes", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("path", ["/files", "/masked-files"])
async def test_a_field_of_a_form_and_the_name_of_a_file_are_refused(client: httpx.AsyncClient, path: str) -> None:
    title = await client.post(path, data={"title": NUMBER}, files={"file": ("x", b"x")})
    name = await client.post(path, files={"file": (f"{NUMBER}.txt", b"x")})

    assert (fields(title), fields(name)) == (["title"], ["file"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
async def test_a_file_is_refused_where_the_endpoint_does_not_mask_it(client: httpx.AsyncClient, encoding: str) -> None:
    file = {"file": ("x", f"für {NUMBER}".encode(encoding))}

    refused, taken = await client.post("/files", files=file), await client.post("/masked-files", files=file)

    assert (fields(refused), taken.status_code) == (["file"], 201)
    assert taken.json() == len(file["file"][1])


async def test_a_picture_is_not_read_as_text(client: httpx.AsyncClient) -> None:
    answer = await client.post("/files", files={"file": ("x", b"\x89PNG 4111111111111111")})

    assert answer.status_code == 201
