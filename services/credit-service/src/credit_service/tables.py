"""Every table of this service, gathered for its migrations."""

from credit_service.attachments import tables as _attachments  # noqa: F401 - declares its rows
from credit_service.bureau_reports import tables as _bureau_reports  # noqa: F401
from credit_service.credit_accounts import tables as _credit_accounts  # noqa: F401
from credit_service.credit_assessments import tables as _credit_assessments  # noqa: F401
from credit_service.credit_decisions import tables as _credit_decisions  # noqa: F401
from credit_service.credit_insurance import tables as _credit_insurance  # noqa: F401
from credit_service.credit_policies import tables as _credit_policies  # noqa: F401
from credit_service.customers import tables as _customers  # noqa: F401
from credit_service.dunning import tables as _dunning  # noqa: F401
from credit_service.exchange_rates import tables as _exchange_rates  # noqa: F401
from credit_service.financial_statements import tables as _financial_statements  # noqa: F401
from credit_service.fulfilment import tables as _fulfilment  # noqa: F401
from credit_service.guarantees import tables as _guarantees  # noqa: F401
from credit_service.holds import tables as _holds  # noqa: F401
from credit_service.journal import tables as _journal  # noqa: F401
from credit_service.limit_pools import tables as _limit_pools  # noqa: F401
from credit_service.limit_requests import tables as _limit_requests  # noqa: F401
from credit_service.mass_limit_changes import tables as _mass_limit_changes  # noqa: F401
from credit_service.notes import tables as _notes  # noqa: F401
from credit_service.orders import tables as _orders  # noqa: F401
from credit_service.payment_behaviour import tables as _payment_behaviour  # noqa: F401
from credit_service.policy_drafts import tables as _policy_drafts  # noqa: F401
from credit_service.promises import tables as _promises  # noqa: F401
from credit_service.receivables import tables as _receivables  # noqa: F401
from credit_service.recommendations import tables as _recommendations  # noqa: F401
from credit_service.returned_payments import tables as _returned_payments  # noqa: F401
from credit_service.reviews import tables as _reviews  # noqa: F401
from credit_service.rows import Row
from credit_service.scorecards import tables as _scorecards  # noqa: F401

METADATA = Row.metadata
