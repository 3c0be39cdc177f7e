"""Every table of this service, gathered for its migrations."""

from dispute_service.disputes import tables as _disputes  # noqa: F401 - declares its rows
from dispute_service.items import tables as _items  # noqa: F401
from dispute_service.rows import Row
from dispute_service.short_payments import tables as _short_payments  # noqa: F401

METADATA = Row.metadata
