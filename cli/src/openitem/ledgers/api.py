"""OpenItem's public API as a loader uses it: a token per role, a wait for jobs, a clear word where something is refused."""

import asyncio
import hashlib
import json
import time
from types import TracebackType
from typing import Any, Self

import aiohttp

JOB_SECONDS_MAX = 600


class LoadRefusedError(Exception):
    """The API refused something that was sent; carries the problem's words."""


def _key(path: str, body: Any) -> str:
    return hashlib.sha256(f"{path} {json.dumps(body, sort_keys=True)}".encode()).hexdigest()


class Api:
    """A client of one OpenItem, with the clients that `clients.json` names."""

    def __init__(self, base_url: str, clients: dict[str, str]) -> None:
        self._base_url = base_url
        self._clients = clients
        self._tokens: dict[str, tuple[str, float]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(self._base_url, timeout=aiohttp.ClientTimeout(total=120))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def token(self, role: str) -> str:
        """Return a bearer token of the client that stands ready for `role`."""
        known = self._tokens.get(role)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        form = {"grant_type": "client_credentials", "client_id": role, "client_secret": self._clients[role]}
        assert self._session is not None
        async with self._session.post("/oauth/token", data=form) as answer:
            content = await answer.json(content_type=None)
            if answer.status != 200:
                raise LoadRefusedError(f"POST /oauth/token for {role}: {content}")
        self._tokens[role] = (content["access_token"], time.monotonic() + content["expires_in"] / 2)
        return str(content["access_token"])

    async def call(self, role: str, method: str, path: str, *, anew: bool = False, **options: Any) -> Any:
        """Send one request as `role` and return the JSON answer; a part that is unavailable is asked again.

        What is posted carries a key of its content, so that it has one effect however often a load is started, unless it is to
        be done `anew`.
        Raises `LoadRefusedError` with the problem's words for anything else that is not a success.
        """
        assert self._session is not None
        key = (
            {"Idempotency-Key": _key(path, options["json"])}
            if method == "POST" and "json" in options and not anew
            else {}
        )
        for pause in (0.2, 0.5, 1.0, 2.0, 4.0, None):
            headers = {"Authorization": f"Bearer {await self.token(role)}"} | key
            async with self._session.request(method, path, headers=headers, **options) as answer:
                if answer.status < 300:
                    return await answer.json()
                if answer.status != 503 or pause is None:
                    raise LoadRefusedError(f"{method} {path}: {answer.status} {await answer.text()}")
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def finished_job(self, role: str, job: dict[str, Any]) -> dict[str, Any]:
        """Wait for a job and return it; raise `LoadRefusedError` where it failed or takes longer than ten minutes."""
        deadline, pause = time.monotonic() + JOB_SECONDS_MAX, 0.1
        while job["status"] not in ("succeeded", "failed"):
            if time.monotonic() > deadline:
                raise LoadRefusedError(f"job {job['id']} is still {job['status']} after {JOB_SECONDS_MAX} s")
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, 0.5)
            job = await self.call(role, "GET", f"/v1/jobs/{job['id']}")
        if job["status"] == "failed":
            raise LoadRefusedError(f"job {job['id']} ({job['kind']}) failed: {job['errors']}")
        return job

    async def import_file(self, role: str, name: str, content: bytes, **fields: str) -> dict[str, Any]:
        """Upload a file to `POST /v1/imports` and return its finished job."""
        form = aiohttp.FormData()
        for field, value in fields.items():
            form.add_field(field, value)
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        return await self.finished_job(role, await self.call(role, "POST", "/v1/imports", data=form))
