"""The stand-in bureaus over real HTTP, and what can be done to them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from openitem.stand_ins.bureau import Books, Fault, stand_in


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to pytest."""
        yield


class Bureau:
    """The running stand-ins."""

    def __init__(self, port: int, books: Books) -> None:
        self.port = port
        self.books = books

    def fail(self, endpoint: str, kind: str, times: int = 1) -> None:
        """Have an endpoint misbehave."""
        self.books.faults.append(Fault.model_validate({"endpoint": endpoint, "kind": kind, "times": times}))

    @property
    def sales(self) -> int:
        """How many reports were billed."""
        return len(self.books.sales)


@asynccontextmanager
async def running_bureau(port: int = 0) -> AsyncIterator[Bureau]:
    """Run the stand-ins on a port of this machine, a free one where none is named, with empty books."""
    app = stand_in()
    with socket.create_server(("127.0.0.1", port)) as listening:
        config: Any = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0)
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        yield Bureau(listening.getsockname()[1], app.state.books)
        server.should_exit = True
        await task
