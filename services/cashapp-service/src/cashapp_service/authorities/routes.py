"""What a route asks for: who decides, with his authority."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from cashapp_service.authorities.domain import AuthorityByRole, Decider, authority_of
from cashapp_service.settings import CashappSettings
from shared.http.edge import requires
from shared.security import Principal

Deciding = Callable[..., Awaitable[Decider]]


def decider(scope: str, amounts: Callable[[CashappSettings], AuthorityByRole]) -> Deciding:
    """Return the dependency that lets only callers with `scope` pass and tells their authority by `amounts`."""

    async def with_authority(request: Request, caller: Annotated[Principal, Depends(requires(scope))]) -> Decider:
        settings: CashappSettings = request.app.state.settings
        unlimited = settings.unlimited_authority_roles
        return Decider(caller.subject, authority_of(caller.roles, amounts(settings), unlimited_roles=unlimited))

    return with_authority


def refund_authority(settings: CashappSettings) -> AuthorityByRole:
    """Return which role approves refunds up to which amounts."""
    return settings.refund_authority


def write_off_authority(settings: CashappSettings) -> AuthorityByRole:
    """Return which role approves write-offs and runs over small balances up to which amounts."""
    return settings.write_off_authority
