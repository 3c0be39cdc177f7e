"""structlog JSON: event names with fields, bound to a request id at the edge and to an event id in a consumer.

The one thing to know: our own lines are written at once; by way of the standard library, as those of others are, a line would
cost each request three times as much.
"""

import json
import logging
import re
import sys
from typing import Any

import msgspec
import structlog

from shared.card_numbers import holds_card_number, masked, may_hold_card_number

_SECRET_FIELDS = re.compile(r"(password|secret|token|authorization|iban|bank_account|payer_account|tax_id)", re.I)


def _mask_secrets(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in event:
        if _SECRET_FIELDS.search(name):
            event[name] = "***"
    return event


def _without_card_numbers(value: Any) -> Any:
    """Return a value of a line with the card numbers in it masked."""
    if isinstance(value, dict):
        return {_without_card_numbers(name): _without_card_numbers(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_card_numbers(each) for each in value]
    text = value if isinstance(value, str) else repr(value)
    return masked(text) if holds_card_number(text) else value


def _written(line: Any, **_: Any) -> str:
    """Return a line as JSON. It is looked at as a whole first: hardly any has as many digits in a row as a card number."""
    encoded = _encoded(line)
    return (_encoded(_without_card_numbers(line)) if may_hold_card_number(encoded) else encoded).decode()


def _encoded(line: Any) -> bytes:
    try:
        return msgspec.json.encode(line, enc_hook=repr)
    except (OverflowError, TypeError, ValueError):  # what no strict JSON holds, such as half a surrogate pair
        return json.dumps(line, default=repr).encode()


class _Lines(structlog.WriteLogger):
    """Writes lines to stdout; knows its name, as the standard library's loggers do."""

    def __init__(self, name: str = "") -> None:
        super().__init__(sys.stdout)
        self.name = name


def configure(service: str, level: str) -> None:
    """Send structlog and the standard library's loggers to stdout as one JSON object a line."""
    shared_processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask_secrets,
    ]
    structlog.configure(
        processors=[*shared_processors, structlog.processors.JSONRenderer(_written)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_written),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("aiormq", "aio_pika", "httpx", "httpcore", "asyncio", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)
