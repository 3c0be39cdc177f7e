"""Dun & Bradstreet's connector: find the D-U-N-S number where it is not known, then ask for the data blocks.

The one thing to know: the question for the data is what is billed, and there is no way to ask afterwards whether it was answered.
So it is repeated after a refusal, never after silence; what was sent and got no answer is uncertain.
"""

from dataclasses import dataclass

from credit_service.bureau_reports.domain.answers import number_at, text_at
from credit_service.bureau_reports.domain.connector import (
    BureauError,
    BureauRefusedError,
    CompanyNotFoundError,
    Delivered,
    Order,
    PurchaseUncertainError,
    Sending,
)
from credit_service.bureau_reports.domain.report import Provider
from credit_service.dun_and_bradstreet import domain
from shared.http.partner import Answer, KeptToken, PartnerClient, PartnerError, Patience, Question, Repeat

TOKEN_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class DunAndBradstreetAccess:
    """Where Direct+ is and who we are there: consumer key and secret."""

    url: str
    key: str
    secret: str


class DunAndBradstreetConnector:
    """Fetches data blocks from Dun & Bradstreet."""

    provider: Provider = "dun_bradstreet"
    products = tuple(domain.BLOCKS)

    def __init__(self, access: DunAndBradstreetAccess, *, patience: Patience | None = None) -> None:
        self._access = access
        self._client = PartnerClient("Dun & Bradstreet", access.url, patience=patience)
        self._token = KeptToken(self._new_token)

    async def fetch(self, order: Order, *, sending: Sending) -> Delivered:
        """Return the data blocks; raise `BureauError`."""
        if order.sent:
            raise PurchaseUncertainError("The data was asked for before and no answer was kept.")
        try:
            duns = order.identity.identifiers.get("duns") or await self._matched(order)
            await sending()
            query = domain.data_query(order.product, reference=order.reference, identity=order.identity)
            answer = await self._ask(f"/v1/data/duns/{duns}", query, repeat="refused")
        except PartnerError as error:
            raise failure(error) from error
        report = domain.report_of(answer.value, duns=duns, identity=order.identity)
        return Delivered(report, answer.content)

    async def _matched(self, order: Order) -> str:
        try:
            answer = await self._ask("/v1/match/cleanseMatch", domain.match_query(order.identity), repeat="always")
        except PartnerError as error:
            # Silence costs nothing here: only data is billed as a report.
            raise failure(error, billed=False) from error
        return domain.duns_of(answer.value, order.identity)

    async def _ask(self, path: str, params: dict[str, str], *, repeat: Repeat) -> Answer:
        for last in (False, True):
            headers = {"Authorization": f"Bearer {await self._token.get()}"}
            try:
                return await self._client.ask(Question("GET", path, repeat, params, headers))
            except PartnerError as error:
                if error.status != 401 or last:
                    raise
                self._token.forget()
        raise AssertionError("the second answer was returned or raised")

    async def _new_token(self) -> tuple[str, float]:
        question = Question(
            "POST",
            "/v3/token",
            "always",
            form={"grant_type": "client_credentials"},
            basic=(self._access.key, self._access.secret),
        )
        try:
            answer = (await self._client.ask(question)).value
        except PartnerError as error:
            raise failure(error, billed=False) from error
        token = text_at(answer, "access_token")
        if token is None:
            raise BureauRefusedError("Dun & Bradstreet gave no token for our credentials.")
        return token, float(number_at(answer, "expires_in") or TOKEN_SECONDS)


def failure(error: PartnerError, *, billed: bool = True) -> BureauError:
    """Return what a failed question means; silence to one that is `billed` leaves the purchase uncertain."""
    if billed and error.taken and error.status is None:
        return PurchaseUncertainError(f"{error.detail} Whether the data is billed is not known.")
    code, said = (
        text_at(error.answer, "error", "errorCode"),
        text_at(error.answer, "error", "errorMessage"),
    )
    detail = f"{error.detail} It says: {code} {said[:200]}" if code and said else error.detail
    if error.status in (401, 403):
        return BureauRefusedError(f"{detail} Look at our credentials and the contract.")
    if error.status == 404:
        return CompanyNotFoundError(f"{detail} Send another duns in identifiers.")
    delivered = error.status is not None and error.status < 300
    return BureauError(detail, charged=billed and delivered)
