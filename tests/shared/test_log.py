"""Lines of the log."""

import json
import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
import logging, structlog
from shared import log
log.configure("tests", "INFO")
own = structlog.get_logger("shared.own")
with structlog.contextvars.bound_contextvars(request_id="req_1"):
    {line}
"""


def lines(line: str) -> list[dict[str, Any]]:
    """Run one line of a program with the log configured and return what it logged."""
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(line=line)], capture_output=True, check=True)
    return [json.loads(each) for each in done.stdout.splitlines()]


def test_a_line_carries_service_request_level_name_and_time() -> None:
    (logged,) = lines('own.info("item.posted", amount="1.00")')

    assert logged.pop("timestamp").endswith("Z")
    assert logged == {
        "event": "item.posted",
        "amount": "1.00",
        "service": "tests",
        "request_id": "req_1",
        "level": "info",
        "logger": "shared.own",
    }


def test_a_line_of_the_standard_library_looks_the_same() -> None:
    own, other = lines('own.warning("x"); logging.getLogger("other").warning("%s", "x")')

    assert own.keys() == other.keys()
    assert (other["event"], other["logger"], other["request_id"]) == ("x", "other", "req_1")


def test_what_lies_below_the_level_is_not_written() -> None:
    assert lines('own.debug("x"); logging.getLogger("other").debug("x")') == []


@pytest.mark.parametrize("field", ["password", "bank_account", "access_token", "customer_tax_id"])
def test_secrets_are_masked(field: str) -> None:
    (logged,) = lines(f'own.info("x", {field}="DE02")')

    assert logged[field] == "***"


@pytest.mark.parametrize("value", ["2**80", "'\\\\ud800'", "object", "b'\\\\xff'", "{1: {2: 3}}", "float('nan')"])
def test_no_value_keeps_a_line_from_being_written(value: str) -> None:
    (logged,) = lines(f'own.info("x", value={value})')

    assert "value" in logged


def test_a_fault_is_logged_with_its_traceback() -> None:
    (logged,) = lines('own.error("x", exc_info=ValueError("why"))')

    assert "ValueError: why" in logged["exception"]


CARD_LINES = (
    'own.info("x", note="4111 1111 1111 1111")',
    'own.info("x", number=4111111111111111)',
    'own.info("x", deep={"path": ["/v1/items/4111111111111111"]})',
    'own.info("paid with 4111111111111111")',
    'logging.getLogger("other").warning("%s", "4111-1111-1111-1111")',
    'own.exception("x", exc_info=ValueError("4111111111111111"))',
)


def test_card_numbers_are_masked_wherever_they_stand() -> None:
    logged = lines("; ".join(CARD_LINES))

    assert len(logged) == len(CARD_LINES)
    for line in logged:
        assert "1111" in str(line)
        assert "4111" not in str(line)
