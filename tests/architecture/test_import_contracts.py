"""The import contracts of `.importlinter` hold, and each is broken once here, on a copy, to see that it bites."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted(REPOSITORY.glob("*/src")) + sorted(REPOSITORY.glob("services/*/src"))
SERVICES = ("credit_service", "cashapp_service", "dispute_service", "collections_service")


def verdicts(root: Path) -> dict[str, bool]:
    """Check the contracts on the packages in `root` and return which of them are kept."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", str(root / ".importlinter")]
    done = subprocess.run(
        command,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert found, done.stdout + done.stderr
    return {name: verdict == "KEPT" for name, verdict in found.items()}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of every package and of the contracts."""
    root = tmp_path_factory.mktemp("packages")
    for source in SOURCES:
        shutil.copytree(source, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / ".importlinter", root)
    return root


@pytest.fixture
def broken(packages: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy with one line added to one file, which is new where there was none."""
    path, line = request.param
    file = packages / path
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n")
    yield packages
    if before is None:
        file.unlink()
    else:
        file.write_text(before)


def test_every_contract_holds(packages: Path) -> None:
    assert [name for name, kept in verdicts(packages).items() if not kept] == []


@pytest.mark.parametrize(
    ("broken", "contract"),
    [
        (("dispute_service/disputes/repository.py", "import dispute_service.disputes.use_cases"), "point inward"),
        (("credit_service/customers/domain/search.py", "import credit_service.customers.tables"), "point inward"),
        (("dispute_service/disputes/utils.py", '"""Odds and ends."""'), "no other files"),
        (("dispute_service/settings.py", "import credit_service.settings"), "Services never import one another"),
        (("shared/money.py", "import collections_service"), "Shared knows no service"),
        (("shared/http/app.py", "import gateway"), "Shared knows no service"),
        (("gateway/__init__.py", "import cashapp_service"), "The gateway imports shared only"),
        (("dispute_service/disputes/domain/claim.py", "import sqlalchemy"), "A domain does no I/O"),
        (("dispute_service/disputes/domain/claim.py", "import shared.outbox"), "A domain does no I/O"),
        (("credit_service/customers/domain/search.py", "import httpx"), "A domain does no I/O"),
        (("shared/days.py", "import asyncpg"), "A domain does no I/O"),
        (("dispute_service/items/use_cases.py", "import dispute_service.disputes.use_cases"), "without cycles"),
    ],
    indirect=["broken"],
)
def test_a_contract_bites(broken: Path, contract: str) -> None:
    (kept,) = [kept for name, kept in verdicts(broken).items() if contract in name]

    assert not kept


def test_no_capability_reads_the_rows_of_another() -> None:
    graph = grimp.build_graph(*SERVICES)
    foreign = [
        (importer, rows)
        for rows in graph.modules
        if rows.count(".") == 2 and rows.endswith(".tables")
        for importer in graph.find_modules_that_directly_import(rows)
        if importer.count(".") >= 2 and importer.rsplit(".", importer.count(".") - 1)[0] != rows.rsplit(".", 1)[0]
    ]

    assert foreign == []
