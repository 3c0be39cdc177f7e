"""Every table of this service, gathered for its migrations."""

from collections_service.activities import tables as _activities  # noqa: F401 - declares its rows
from collections_service.collection_strategies import tables as _strategies  # noqa: F401 - declares its rows
from collections_service.promises import tables as _promises  # noqa: F401 - declares its rows
from collections_service.receivables import tables as _receivables  # noqa: F401 - declares its rows
from collections_service.rows import Row

METADATA = Row.metadata
