"""The tables that every service has beside its own: outbox, inbox, jobs, idempotency keys."""

from sqlalchemy import MetaData

from shared.http.idempotency import IDEMPOTENCY_KEYS
from shared.inbox import INBOX
from shared.jobs import JOBS
from shared.outbox import OUTBOX


def add_shared_tables(metadata: MetaData) -> None:
    """Declare the shared tables in a service's metadata, for its migrations."""
    for table in (OUTBOX, INBOX, JOBS, IDEMPOTENCY_KEYS):
        table.to_metadata(metadata)
