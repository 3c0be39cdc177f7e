"""Every table of this service, gathered for its migrations."""

from credit_service.customers import tables as _customers  # noqa: F401 - declares its rows
from credit_service.rows import Row

METADATA = Row.metadata
