"""Servers of a benchmark's own, as safe as in earnest: fsync on."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import jwt
from jwt.algorithms import ECAlgorithm

from openitem.local.ports import free_port
from openitem.local.postgres import prepare_postgres, start_postgres
from shared.security import TokenVerifier
from shared.settings import Settings
from tests.support.services import REPOSITORY, signing_key

START_SECONDS = 30.0


@contextmanager
def postgres_with_commit_times() -> Iterator[str]:
    """Yield the URL of a server that keeps the time of each commit, so that a latency is read, not guessed."""
    with TemporaryDirectory(prefix="openitem-bench-") as folder:
        root = Path(folder)
        server = prepare_postgres(root, root / "postgres.log", durable=True)
        with (server.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write("track_commit_timestamp = on\n")
        process = start_postgres(server)
        try:
            yield server.url
        finally:
            process.stop()


@contextmanager
def service_on(module: str, database: str) -> Iterator[str]:
    """Yield the address of an api role on a database: a process of its own, which takes this run's tokens (`run_verifier`)."""
    port = free_port()
    jwk = ECAlgorithm.to_jwk(signing_key().public_key(), as_dict=True) | {"kid": "test"}
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPENITEM_")}
    settings = {
        "OPENITEM_PROFILE": "local",
        "OPENITEM_DATABASE_URL": database,
        "OPENITEM_HTTP_PORT": str(port),
        "BENCH_JWKS": json.dumps({"keys": [jwk]}),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", module], env=own | settings, cwd=REPOSITORY, stdout=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/healthz")
        yield url
    finally:
        process.terminate()
        process.wait()


def run_verifier(settings: Settings) -> TokenVerifier:
    """Return what judges the tokens of the run that started this process."""
    keys = jwt.PyJWKSet.from_json(os.environ["BENCH_JWKS"])
    return TokenVerifier(jwks_url=settings.jwks_url, issuer=settings.issuer, audience=settings.audience, keys=keys)


def wait_for(url: str) -> None:
    """Return when `url` answers; raise `TimeoutError` where it does not for too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")
