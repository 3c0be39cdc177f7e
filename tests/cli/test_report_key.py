"""The key of bureau reports: made once, strong, and for its owner only."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from openitem.local.report_key import report_key
from openitem.local.roles import ROLES
from openitem.local.settings import read_settings
from openitem.local.wiring import Wiring


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = report_key(tmp_path)

    assert len(base64.b64decode(key, validate=True)) == 32
    assert report_key(tmp_path) == key
    assert (tmp_path / "report_key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["report_key"]


def test_the_credit_service_alone_is_given_the_key_and_the_access_to_bureaus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENITEM_BUREAU_COFACE_API_KEY", "stand-in")
    wiring = Wiring(read_settings({"OPENITEM_DATA_DIR": str(tmp_path)}), inherited_fds=())
    wiring.server_url = "postgresql://user:secret@server/postgres"

    told = {role.name: wiring.command(role).env for role in ROLES}

    knowing = {name for name, environment in told.items() if "OPENITEM_REPORT_KEY" in environment}
    assert knowing == {"credit-api", "credit-worker"}
    assert {name for name, environment in told.items() if "OPENITEM_BUREAU_COFACE_API_KEY" in environment} == knowing
    assert told["credit-api"]["OPENITEM_REPORT_KEY"] == told["credit-worker"]["OPENITEM_REPORT_KEY"]
