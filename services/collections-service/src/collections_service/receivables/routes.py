"""What the routes of other capabilities ask of the request: the services that own the facts. It has no address of its own."""

from typing import Annotated

from fastapi import Depends, Request

from collections_service.receivables.use_cases import Owners


def owners(request: Request) -> Owners:
    """Return the owners of customers and items, as the app was started with them."""
    found: Owners = request.app.state.owners
    return found


FactOwners = Annotated[Owners, Depends(owners)]
"""The services that own what this one only keeps a copy of."""
