"""Every table of this service, gathered for its migrations."""

from cashapp_service.accounts import tables as _accounts  # noqa: F401 - declares its rows
from cashapp_service.applications import tables as _applications  # noqa: F401
from cashapp_service.bank_accounts import tables as _bank_accounts  # noqa: F401
from cashapp_service.bank_statements import tables as _bank_statements  # noqa: F401
from cashapp_service.closes import tables as _closes  # noqa: F401
from cashapp_service.customers import tables as _customers  # noqa: F401
from cashapp_service.disputes import tables as _disputes  # noqa: F401
from cashapp_service.documents import tables as _documents  # noqa: F401
from cashapp_service.items import tables as _items  # noqa: F401
from cashapp_service.ledger import tables as _ledger  # noqa: F401
from cashapp_service.matching import tables as _matching  # noqa: F401
from cashapp_service.payers import tables as _payers  # noqa: F401
from cashapp_service.payment_exceptions import tables as _payment_exceptions  # noqa: F401
from cashapp_service.periods import tables as _periods  # noqa: F401
from cashapp_service.receipts import tables as _receipts  # noqa: F401
from cashapp_service.recoveries import tables as _recoveries  # noqa: F401
from cashapp_service.refunds import tables as _refunds  # noqa: F401
from cashapp_service.rows import Row
from cashapp_service.small_balances import tables as _small_balances  # noqa: F401
from cashapp_service.submissions import tables as _submissions  # noqa: F401
from cashapp_service.tolerance_groups import tables as _tolerance_groups  # noqa: F401
from cashapp_service.write_offs import tables as _write_offs  # noqa: F401

METADATA = Row.metadata
