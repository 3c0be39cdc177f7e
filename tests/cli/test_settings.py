"""What the environment may say, and what is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from openitem.local.errors import CannotStartError
from openitem.local.settings import read_settings


def test_nothing_said_means_the_usual_folder_port_and_demo_company() -> None:
    settings = read_settings({})
    assert settings.data_dir == Path(".openitem").resolve()
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.demo
    assert settings.amqp_url is None
    assert settings.database_url is None


def test_what_is_said_is_respected() -> None:
    settings = read_settings(
        {
            "OPENITEM_DATA_DIR": "/somewhere/else",
            "OPENITEM_PORT": "9000",
            "OPENITEM_DEMO": "0",
            "OPENITEM_AMQP_URL": "amqp://user:secret@broker/",
            "OPENITEM_DATABASE_URL": "postgresql://user:secret@server/postgres",
        }
    )
    assert settings.clients_file == Path("/somewhere/else/clients.json")
    assert settings.base_url == "http://127.0.0.1:9000"
    assert not settings.demo
    assert settings.amqp_url == "amqp://user:secret@broker/"
    assert settings.database_url == "postgresql://user:secret@server/postgres"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENITEM_PORT", "0"),
        ("OPENITEM_PORT", "65536"),
        ("OPENITEM_PORT", "http"),
        ("OPENITEM_PORT", "-1"),
        ("OPENITEM_DEMO", "maybe"),
        ("OPENITEM_AMQP_URL", "http://broker"),
        ("OPENITEM_DATABASE_URL", "mysql://server"),
    ],
)
def test_a_senseless_choice_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(CannotStartError, match=name):
        read_settings({name: value})


def test_a_refusal_does_not_repeat_a_password() -> None:
    with pytest.raises(CannotStartError) as refusal:
        read_settings({"OPENITEM_DATABASE_URL": "mysql://user:secret@server"})
    assert "secret" not in str(refusal.value)
