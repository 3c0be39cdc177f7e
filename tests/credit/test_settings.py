"""Settings of credit-service: nothing starts that would keep reports in the clear."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from credit_service.settings import CreditSettings
from shared.errors import InvalidError

KEY = base64.b64encode(bytes(32)).decode()


def made(profile: str = "production", **more: Any) -> CreditSettings:
    servers = {"database_url": "postgresql://user:secret@server/credit", "amqp_url": "amqp://user:secret@server/"}
    return CreditSettings(**{"profile": profile, **servers, **more})


def test_production_needs_a_report_key() -> None:
    with pytest.raises(ValidationError, match="OPENITEM_REPORT_KEY is missing"):
        made()

    made(report_key=KEY)
    made("local")


@pytest.mark.parametrize("key", ["", "secret", base64.b64encode(bytes(16)).decode(), KEY[:-1] + "!"])
def test_a_report_key_is_32_bytes_of_base64(key: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        made(report_key=key)

    assert key not in str(wrong.value) or not key
    with pytest.raises(ValidationError):
        made(report_key=KEY, retired_report_keys=[key])


def test_no_secret_is_shown_where_settings_are() -> None:
    settings = made(report_key=KEY, bureau_coface_password="hush", bureau_dun_bradstreet_secret="quiet")

    assert not {KEY, "hush", "quiet"} & set(repr(settings).replace("'", " ").split())


@pytest.mark.parametrize(
    "terms",
    [{"cost": "-1"}, {"monthly_cap": "-1"}, {"fresh_days": -1}, {"cost_by_product": {"score": "-1"}}, {"cost": "x"}],
)
def test_terms_with_a_bureau_are_never_negative(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        made("local", bureau_terms={"coface": terms})


@pytest.mark.parametrize("terms", [{"cost": "1.001"}, {"currency": "XXQ"}])
def test_terms_with_a_bureau_are_in_whole_units_of_a_currency(terms: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, InvalidError)):
        made("local", bureau_terms={"coface": terms})
