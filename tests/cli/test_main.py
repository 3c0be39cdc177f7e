"""The command line: every subcommand is known, and the runner carries nothing it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from openitem.main import MODULES, main


def test_help_names_every_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert [name for name in MODULES if name not in said] == []


@pytest.mark.parametrize("name", MODULES)
def test_every_subcommand_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert name in capsys.readouterr().out


def test_the_runner_stays_small() -> None:
    program = (
        "import sys, openitem.local.command; print({'sqlalchemy', 'fastapi', 'aiohttp', 'aio_pika'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"


def test_without_a_running_system_the_refusal_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENITEM_DATA_DIR", str(tmp_path))
    for command in (
        ["token", "erp"],
        ["demo"],
        ["check-exposures"],
        ["repair-exposure", "C-1"],
        ["replay-dead-letters", "credit"],
    ):
        assert main(command) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_replay_since_an_instant_without_a_zone_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay-history", "credit", "collections", "--since", "2026-01-01"])
    assert "needs a zone" in capsys.readouterr().err
