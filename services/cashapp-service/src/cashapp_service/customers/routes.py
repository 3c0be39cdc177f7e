"""How a request reaches the owner of the customers: on behalf of its caller."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from cashapp_service.customers.domain import fingerprint
from cashapp_service.customers.use_cases import AskOwner
from shared.events.credit import CustomerState
from shared.http.client import ServiceClient
from shared.http.edge import Authenticated


def ask_owner(request: Request, caller: Authenticated) -> AskOwner:
    """Return what asks credit-service for a customer with the caller's own token."""
    client: ServiceClient = request.app.state.credit

    async def ask(customer_id: str) -> CustomerState | None:
        found = await client.get(f"/v1/customers/{quote(customer_id, safe='')}", caller=caller)
        if found is None:
            return None
        # Masked accounts ("…3000") make no fingerprint; the event that follows brings the real ones.
        accounts = [account for account in found.get("bank_accounts", []) if not account.startswith("…")]
        return CustomerState.model_validate(found | {"bank_account_fingerprints": [*map(fingerprint, accounts)]})

    return ask


CustomerOwner = Annotated[AskOwner, Depends(ask_owner)]
"""Asks the owner of the customers."""
