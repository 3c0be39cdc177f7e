import pytest
from pydantic import ValidationError

from shared.settings import Settings


def test_outside_the_local_profile_default_passwords_are_refused() -> None:
    with pytest.raises(ValidationError, match="OPENITEM_AMQP_URL"):
        Settings(database_url="postgresql://u:p@db/x")
    with pytest.raises(ValidationError, match="OPENITEM_DATABASE_URL"):
        Settings(database_url="postgresql://u@db/x", amqp_url="amqp://u:p@mq/")


def test_the_profile_is_production_unless_said_otherwise() -> None:
    assert Settings(database_url="postgresql://u:p@db/x", amqp_url="amqp://u:p@mq/").profile == "production"


def test_the_local_profile_takes_them() -> None:
    assert Settings(profile="local", database_url="postgresql://u@db/x").profile == "local"
