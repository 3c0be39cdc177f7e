"""Gathers the parts of the overview, all at once, on behalf of the caller."""

import asyncio
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

from gateway.client import ServiceUnavailableError, Upstreams
from gateway.overview.schemas import Overview, Part, part
from shared.errors import ForbiddenError, NotFoundError

ACTIVITIES = 10


class CustomerNotFoundError(NotFoundError):
    """There is no such customer."""

    code = "customer_not_found"

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"There is no customer {customer_id}.")


def addresses(customer_id: str, as_of: date) -> Mapping[str, tuple[str, str]]:
    """Return, for each part, the service and the address that has it."""
    one = quote(customer_id, safe="")
    return {
        "customer": ("credit-service", f"/v1/customers/{one}"),
        "credit": ("credit-service", f"/v1/customers/{one}/credit"),
        "open_items": ("cashapp-service", f"/v1/items?customer_id={one}&status=open"),
        "aging": ("collections-service", f"/v1/aging?customer_id={one}&as_of={as_of}&group_by=customer"),
        "disputes": ("dispute-service", f"/v1/disputes?customer_id={one}"),
        "promises": ("collections-service", f"/v1/promises?customer_id={one}"),
        "activities": ("collections-service", f"/v1/activities?customer_id={one}&limit={ACTIVITIES}"),
    }


async def gather_overview(upstreams: Upstreams, *, customer_id: str, as_of: date, authorization: str) -> Overview:
    """Return the overview; raise `CustomerNotFoundError` where credit-service knows no such customer."""
    wanted = addresses(customer_id, as_of)
    gathered = await asyncio.gather(
        *(_part(upstreams, service, target, authorization) for service, target in wanted.values())
    )
    parts = dict(zip(wanted, gathered, strict=True))
    if parts["customer"] is None:
        raise CustomerNotFoundError(customer_id)
    empty = Part(status="unavailable")
    return Overview(
        customer_id=customer_id, as_of=as_of.isoformat(), **{name: it or empty for name, it in parts.items()}
    )


async def _part(upstreams: Upstreams, service: str, target: str, authorization: str) -> Part | None:
    try:
        return part(await upstreams.get_json(service, target, authorization=authorization))
    except NotFoundError:
        return None
    except ForbiddenError:
        return Part(status="forbidden")
    except ServiceUnavailableError:
        return Part(status="unavailable")
