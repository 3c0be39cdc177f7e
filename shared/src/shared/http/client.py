"""Asks another service on behalf of the caller, for a fact whose event has not arrived yet."""

from typing import Any

import httpx

from shared.errors import ForbiddenError, UnavailableError
from shared.security import Principal


class ServiceClient:
    """Reads resources of one other service."""

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout_seconds: float = 3,
    ) -> None:
        self._name = name
        self._client = httpx.AsyncClient(base_url=base_url, timeout=timeout_seconds, transport=transport)

    async def get(self, path: str, *, caller: Principal) -> Any | None:
        """Return the resource, None where there is none.

        Raises `UnavailableError` where the service cannot answer, `ForbiddenError` where the caller may not read it.
        """
        try:
            answer = await self._client.get(path, headers={"Authorization": f"Bearer {caller.token}"})
        except httpx.HTTPError as error:
            raise UnavailableError(f"{self._name} cannot be reached at the moment: try again shortly.") from error
        if answer.status_code == 404:
            return None
        if answer.status_code in (401, 403):
            raise ForbiddenError(f"{self._name} does not show this to the caller.")
        if answer.status_code != 200:
            raise UnavailableError(f"{self._name} cannot answer at the moment: try again shortly.")
        return answer.json()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
