"""RabbitMQ that is missing: one command is named, nothing is installed without the right to."""

from __future__ import annotations

from pathlib import Path

import pytest

from openitem.local.errors import CannotStartError
from openitem.local.install import ensure_rabbitmq, install_command


def test_an_installed_broker_is_used_and_nothing_is_said() -> None:
    said: list[str] = []
    assert ensure_rabbitmq(said.append, find=lambda: Path("/some/rabbitmq-server")) == Path("/some/rabbitmq-server")
    assert said == []


def test_without_the_right_to_install_the_one_command_is_named() -> None:
    with pytest.raises(CannotStartError) as refusal:
        ensure_rabbitmq(print, find=lambda: None, is_root=False)
    assert install_command() in str(refusal.value)
    assert "\n" not in str(refusal.value)
