"""What a route asks for: who decides, with his authority."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from credit_service.authorities.domain import Decider
from credit_service.settings import CreditSettings
from shared.http.edge import requires
from shared.security import Principal


def decider(scope: str) -> Callable[..., Awaitable[Decider]]:
    """Return the dependency that lets only callers with `scope` pass and tells their authority."""

    async def with_authority(request: Request, caller: Annotated[Principal, Depends(requires(scope))]) -> Decider:
        settings: CreditSettings = request.app.state.settings
        return Decider(caller.subject, settings.authority_of(caller.roles))

    return with_authority
