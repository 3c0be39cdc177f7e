"""Forms are as strict as bodies: no field that nobody knows, none twice, no text that may not be stored."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import File, Form, UploadFile

from shared.http.app import build_app
from shared.http.edge import api_router
from shared.http.form_guard import masks_card_numbers
from tests.support.services import serving, settings_for, verifier

router = api_router("files")


@router.post("/files", status_code=201)
async def keep_file(
    file: Annotated[UploadFile, File()],
    title: Annotated[str, Form(max_length=10)] = "",
    kind: Annotated[str, Form()] = "",
) -> str:
    return f"{title} {file.filename}"


@router.post("/masked-files", status_code=201)
@masks_card_numbers
async def mask_file(file: Annotated[UploadFile, File()], title: Annotated[str, Form()] = "") -> str:
    return f"{title} {file.filename}"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for("postgresql://nobody@127.0.0.1:9/none")
    app = build_app(settings, title="Files", source="files", routers=[router], verifier=verifier())
    async with serving(app) as client:
        yield client


FILE = ("file", ("a.txt", b"a"))


async def refused(client: httpx.AsyncClient, path: str, *parts: Any) -> dict[str, str]:
    answer = await client.post(path, files=list(parts))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    return {one["field"]: one["detail"] for one in answer.json()["errors"]}


@pytest.mark.parametrize("path", ["/files", "/masked-files"])
async def test_a_field_that_the_form_does_not_have_is_refused_and_named(client: httpx.AsyncClient, path: str) -> None:
    found = await refused(client, path, FILE, ("titel", (None, "A")), ("filed", ("b.txt", b"b")))
    assert list(found) == ["titel", "filed"]
    assert "known are file," in found["titel"]


@pytest.mark.parametrize("path", ["/files", "/masked-files"])
async def test_of_two_files_or_two_titles_none_is_taken(client: httpx.AsyncClient, path: str) -> None:
    found = await refused(client, path, FILE, ("file", ("b.txt", b"b")), ("title", (None, "A")), ("title", (None, "B")))
    assert found == dict.fromkeys(("file", "title"), "The field stands 2 times: send it once.")


async def test_a_text_of_a_form_has_no_controls(client: httpx.AsyncClient) -> None:
    found = await refused(client, "/files", FILE, ("title", (None, "A\x00B")), ("kind", (None, "\u202eA")))
    assert "Take U+0000 NUL out" in found["title"]
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in found["kind"]


async def test_the_name_of_a_field_that_nobody_knows_is_not_repeated_without_end(client: httpx.AsyncClient) -> None:
    assert [len(name) for name in await refused(client, "/files", FILE, ("x" * 500, (None, "A")))] == [100]


async def test_a_form_is_taken_as_dotnet_writes_it(client: httpx.AsyncClient) -> None:
    body = (
        b"--b-1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=title\r\n\r\nA\r\n"
        b"--b-1\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name=file;"
        b" filename=a.txt; filename*=utf-8''a.txt\r\n\r\na\r\n--b-1--\r\n"
    )
    answer = await client.post("/files", content=body, headers={"Content-Type": 'multipart/form-data; boundary="b-1"'})
    assert (answer.status_code, answer.json()) == (201, "A a.txt"), answer.text


async def test_a_form_that_has_what_it_should_is_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post("/files", files=[FILE, ("title", (None, "Größe"))])
    assert (answer.status_code, answer.json()) == (201, "Größe a.txt")
