"""Coface's connector: find the company, order its assessments, wait until they are ready, read them.

The one thing to know: an order carries our reference. Where nobody knows what became of one that was sent, it is looked up by
that reference before anything else, and never sent a second time while that cannot be told.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from credit_service.bureau_reports.domain.answers import number_at, text_at
from credit_service.bureau_reports.domain.connector import (
    BureauError,
    BureauRefusedError,
    Delivered,
    InPreparation,
    NotCollectedError,
    Order,
    PurchaseUncertainError,
    Sending,
)
from credit_service.bureau_reports.domain.report import Provider
from credit_service.coface import domain
from shared.http.partner import Answer, KeptToken, PartnerClient, PartnerError, Patience, Question, Repeat

TOKEN_SECONDS = 3600
"""How long a token holds where the answer does not say (https://coface.github.io, Access & Security)."""

REFERENCE_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class CofaceAccess:
    """Where Coface is and who we are there; `interest` is why one asks about a German company."""

    url: str
    token_url: str
    api_key: str
    username: str
    password: str
    interest: str = "100"


class CofaceConnector:
    """Fetches assessments from Coface."""

    provider: Provider = "coface"
    products = tuple(domain.ASSESSMENTS)

    def __init__(self, access: CofaceAccess, *, patience: Patience | None = None, polls: int = 5) -> None:
        """Make a connector that looks `polls` times whether an order is ready, before it is left to later."""
        self._access = access
        self._patience = patience or Patience()
        self._polls = polls
        self._data = PartnerClient("Coface", access.url.rstrip("/") + "/", patience=self._patience)
        self._login = PartnerClient("Coface", access.token_url.rstrip("/") + "/", patience=self._patience)
        self._token = KeptToken(self._new_token)

    async def fetch(self, order: Order, *, sending: Sending) -> Delivered | InPreparation:
        """Return the assessments, or that they are being prepared; raise `BureauError`."""
        try:
            found = await self._ask("GET", "companies", params=domain.company_query(order.identity))
            company_id = domain.company_of(found.value, order.identity)
            placed = await self._placed(order, company_id, sending)
        except PartnerError as error:
            raise failure(error) from error
        bureau_reference = text_at(placed, "id")
        if bureau_reference is None or len(bureau_reference) > REFERENCE_LENGTH_MAX:
            raise PurchaseUncertainError("Coface answered to the order without saying its id.")
        try:
            return await self._collected(order, placed, company_id, bureau_reference)
        except PartnerError as error:
            raise NotCollectedError(error.detail, bureau_reference=bureau_reference) from error

    async def _placed(self, order: Order, company_id: str, sending: Sending) -> Any:
        """Return the order at Coface: the one with our reference where it may have been sent, else a new one."""
        if order.sent:
            found = await self._found(order)
            if found is not None:
                return found
            if order.bureau_reference is not None:
                raise BureauError("Coface does not know the order any more that it had taken.", charged=True)
        body = domain.order_body(
            order.product,
            company_id=company_id,
            reference=order.reference,
            identity=order.identity,
            currency=order.currency,
            interest=self._access.interest,
        )
        await sending()
        try:
            return (await self._ask("POST", "publications/orders", body=body, repeat="not_taken")).value
        except PartnerError as error:
            if not error.taken:
                raise
            return await self._found_after(error, order)

    async def _found_after(self, error: PartnerError, order: Order) -> Any:
        """Return the order whose answer was lost; raise `PurchaseUncertainError` where it cannot be told whether there is one."""
        try:
            found = await self._found(order)
        except PartnerError:
            raise PurchaseUncertainError(f"{error.detail} Whether the order was taken is not known.") from error
        if found is None:
            raise BureauError(f"{error.detail} The order was not taken.") from error
        return found

    async def _found(self, order: Order, bureau_reference: str | None = None) -> Any | None:
        known = bureau_reference or order.bureau_reference
        params = {"id": known} if known else {"customerReference": order.reference}
        answer = await self._ask("GET", "publications/orders", params=params)
        return domain.order_in(answer.value, reference=order.reference, bureau_reference=known)

    async def _collected(
        self, order: Order, placed: Any, company_id: str, bureau_reference: str
    ) -> Delivered | InPreparation:
        """Look whether the order is ready, with growing pauses, and read it."""
        for poll in range(self._polls + 1):
            if domain.is_ready(placed):
                return await self._read(placed, company_id, order.identity.country)
            if poll < self._polls:
                await asyncio.sleep(self._patience.pause_seconds_max * (poll + 1) / self._polls)
                placed = await self._found(order, bureau_reference) or placed
        return InPreparation(bureau_reference)

    async def _read(self, placed: Any, company_id: str, country: str) -> Delivered:
        ids = domain.publications(placed)
        if not ids:
            raise BureauError("Coface delivered nothing.", charged=True)
        answers = [await self._ask("GET", "publications", params={"id": one, "format": "json"}) for one in ids]
        contents = [answer.value for answer in answers]
        report = domain.report_of(contents, company_id=company_id, country=country)
        return Delivered(report, b"[" + b",".join(answer.content for answer in answers) + b"]")

    async def _ask(
        self, method: str, path: str, *, params: Any = None, body: Any = None, repeat: Repeat = "always"
    ) -> Answer:
        for last in (False, True):
            headers = {"authorization": await self._token.get(), "x-api-key": self._access.api_key}
            try:
                return await self._data.ask(Question(method, path, repeat, params, headers, body))
            except PartnerError as error:
                if error.status != 401 or last:
                    raise
                self._token.forget()
        raise AssertionError("the second answer was returned or raised")

    async def _new_token(self) -> tuple[str, float]:
        body = {"grantType": "password", "username": self._access.username, "password": self._access.password}
        headers = {"x-api-key": self._access.api_key}
        answer = (await self._login.ask(Question("POST", "token", "always", headers=headers, body=body))).value
        token = text_at(answer, "idToken")
        if token is None:
            raise BureauRefusedError("Coface gave no token for our credentials.")
        return token, float(number_at(answer, "expiresIn") or TOKEN_SECONDS)


def failure(error: PartnerError) -> BureauError:
    """Return what a failed question means."""
    if error.status in (401, 403):
        return BureauRefusedError(f"{error.detail} Look at our credentials and the contract.")
    said = text_at(error.answer, "message")
    return BureauError(f"{error.detail} It says: {said[:200]}" if said else error.detail)
