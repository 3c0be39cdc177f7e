"""Every table of the gateway, gathered for its migrations."""

from gateway.event_log import tables as _event_log  # noqa: F401 - declares its rows
from gateway.rows import Row

METADATA = Row.metadata
