"""A worker of the tests, run as a process: it notes the effect of each `thing.changed`."""

import os

from shared.settings import Settings
from shared.unit_of_work import UnitOfWork
from shared.worker import run, run_worker
from tests.support.messaging import ThingChanged, note_effect


async def note_or_fall(uow: UnitOfWork, event: ThingChanged) -> None:
    """Note the effect; the note "fall" kills the process within the transaction."""
    await note_effect(uow, event)
    if event.note == "fall":
        os._exit(9)


if __name__ == "__main__":
    run(
        run_worker(
            Settings(),
            service=os.environ["TINY_SERVICE"],
            subscriptions={ThingChanged: note_or_fall},
            job_functions={},
        )
    )
