"""Fixtures every test may use: real servers, empty databases, and the folder of shared data."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
import structlog

from openitem.local.ports import free_port
from openitem.stand_ins.command import environment
from tests.support.connections import keeping_connections
from tests.support.servers import create_database, drop_database, running_postgres, running_rabbitmq
from tests.support.stack import RunningStack, running_stack

# As in production, but through sys.stdout as it is at the time; structlog's default draws every traceback with all variables,
# which takes longer than what most tests test.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=repr),
    ],
    cache_logger_on_first_use=False,
)

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server (maintenance database), fast and forgetful: fsync is off."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
async def kept_connections() -> AsyncIterator[None]:
    """Connections that outlive their test."""
    async with keeping_connections():
        yield


@pytest.fixture(scope="session")
def amqp_url() -> Iterator[str]:
    """A RabbitMQ broker, started by the first test that asks for it."""
    with running_rabbitmq() as url:
        yield url


@pytest.fixture(scope="session")
def database_url_factory(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """Call with a name's beginning: a new empty database's URL, dropped when the session ends."""
    made = []

    def make(prefix: str = "test") -> str:
        name = f"{prefix}_{uuid4().hex[:12]}"
        made.append(name)
        return create_database(postgres_url, name)

    yield make
    for name in made:
        drop_database(postgres_url, name)


@pytest.fixture
def fresh_database(postgres_url: str) -> Iterator[str]:
    """A new empty database for this one test."""
    name = f"test_{uuid4().hex[:12]}"
    yield create_database(postgres_url, name)
    drop_database(postgres_url, name)


@pytest.fixture(scope="session")
def bureau_port() -> int:
    """Where the whole system looks for credit bureaus; whoever needs them runs stand-ins there."""
    return free_port()


@pytest.fixture(scope="session")
def stack(bureau_port: int) -> Iterator[RunningStack]:
    """The whole system, empty, with servers and data of its own; mark the test `stack`.

    Credit bureaus that do not answer are given up soon.

    Not in pytest's folder, which a second run beside this one would close to the servers' own users.
    """
    bureaus = environment(bureau_port) | {
        "OPENITEM_BUREAU_ANSWER_SECONDS": "2",
        "OPENITEM_BUREAU_PAUSE_SECONDS_MAX": "0.1",
        "OPENITEM_BUREAU_TERMS": json.dumps(
            {
                "coface": {"cost": "25.00", "currency": "EUR", "monthly_cap": "10000.00", "fresh_days": 90},
                "dun_bradstreet": {"cost": "40.00", "currency": "USD", "monthly_cap": "100.00", "fresh_days": 90},
            }
        ),
    }
    with (
        TemporaryDirectory(prefix="openitem-stack-") as folder,
        running_stack(Path(folder) / "data", **bureaus) as stack,
    ):
        yield stack


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the repository; a test that needs it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the shared data folder {SHARED_DATA}, which is absent")
    return SHARED_DATA


def pytest_make_parametrize_id(val: object) -> str | None:
    """Shorten long texts: pytest passes a test's name on to each process that the test starts, which would be refused."""
    return f"{val[:40]!r} and {len(val) - 40} more" if isinstance(val, str | bytes) and len(val) > 100 else None


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what stays to the end: the modules and 4,500 tests, again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


LONGEST = (
    "stack",
    "half-0",
    "half-1",
    "tests/faults/test_cashapp_kills.py",
    "tests/cli/test_run.py",
    "tests/shared/broker/test_restart.py",
    "tests/collections/promises/test_convergence.py",
    "tests/dispute/disputes/test_convergence.py",
    "tests/credit/exposure/test_lives.py",
    "tests/credit/holds/test_lives.py",
)
"""What takes minutes, and what takes seconds with few tests: begun last, one of them would leave the other core without work."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep together what shares dear fixtures, begin with what takes longest, skip what needs absent data."""
    absent = pytest.mark.skip(reason=f"needs the shared data folder {SHARED_DATA}, which is absent")
    for item in items:
        # One process runs every test of the whole system, so that there is one of it; else a file stays in one process.
        group = "stack" if item.get_closest_marker("stack") else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
        if item.get_closest_marker("shared_data") and not SHARED_DATA.is_dir():
            item.add_marker(absent)
    if hasattr(config, "workerinput"):
        _longest_first(items)


def _longest_first(items: list[pytest.Item]) -> None:
    """Order the groups: those known to be long, then by their number of tests."""
    counts = Counter(map(_group, items))
    ranks = {group: rank for rank, group in enumerate(LONGEST)}
    items.sort(key=lambda item: (ranks.get(_group(item), len(ranks)), -counts[_group(item)]))


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else ""
