"""A broker the user names: tried once before anything leans on it."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from openitem.local.errors import CannotStartError

CONNECT_SECONDS = 5.0


async def require_broker(url: str) -> None:
    """Log in once; raises CannotStartError in one line when that fails."""
    # Loaded only here: a stack with a broker of its own need not carry the client library.
    import aio_pika
    from aio_pika.connection import make_url

    # The library would print its own account of a failure beside our one line.
    logging.getLogger("aiormq").addHandler(logging.NullHandler())
    connection = aio_pika.Connection(make_url(url))
    try:
        await connection.connect(timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
        where = urlsplit(url)
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CannotStartError(
            f"no RabbitMQ at {where.hostname}:{where.port or 5672} (OPENITEM_AMQP_URL): {reason}"
        ) from error
    finally:
        # One that failed warns as well when it is let go without.
        await connection.close()
