"""A stand-in for Coface's ICON Data API (below `/coface`) and Dun & Bradstreet's Direct+ (below `/dnb`).

The one thing to know: `PUT /stand-in/faults` makes an endpoint misbehave, `GET /stand-in/sales` tells what was billed, and the
credentials are `stand-in` everywhere. It speaks the shapes that credit-service's connectors document, with made-up companies.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel

from openitem.stand_ins.companies import Company, coface_assessment, direct_plus_organization, found

CREDENTIAL = "stand-in"
HANG_SECONDS = 60.0
FaultKind = Literal[
    "hang", "html", "truncated", "wrong_company", "wrong_currency", "absurd", "error", "busy", "refused", "preparing"
]


class Fault(BaseModel):
    """How an endpoint, such as `coface.order` or `dun_bradstreet.data`, misbehaves, and how often."""

    endpoint: str
    kind: FaultKind
    times: int = 1


@dataclass
class Books:
    """What was asked for and billed, and which faults are still to come."""

    tokens: set[str] = field(default_factory=set)
    tokens_given: int = 0
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    sales: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, endpoint: str) -> str | None:
        """Return the fault that is due at an endpoint, once less often from now on."""
        for fault in self.faults:
            if fault.endpoint == endpoint and fault.times > 0:
                fault.times -= 1
                return fault.kind
        return None

    def token(self) -> str:
        """Return a new token."""
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        self.tokens_given += 1
        return token


def stand_in() -> FastAPI:
    """Return the app, with empty books."""
    app = FastAPI(title="Stand-in bureaus")
    app.state.books = Books()
    _control(app, app.state.books)
    _coface(app, app.state.books)
    _direct_plus(app, app.state.books)
    return app


def _control(app: FastAPI, books: Books) -> None:
    @app.put("/stand-in/faults")
    async def put_faults(faults: list[Fault]) -> list[Fault]:
        """Have endpoints misbehave; an empty list ends all faults."""
        books.faults[:] = faults
        return books.faults

    @app.delete("/stand-in/tokens", status_code=204)
    async def expire_tokens() -> None:
        """Have every token expire now."""
        books.tokens.clear()

    @app.get("/stand-in/sales")
    async def list_sales() -> list[dict[str, str]]:
        """Return what was billed, in order."""
        return books.sales


async def _answer(books: Books, endpoint: str, answer: Any, *, status: int = 200) -> Response:
    """Return an answer, spoilt where a fault is due. What was asked for has been done by then."""
    kind = books.fault(endpoint)
    if kind == "hang":
        await asyncio.sleep(HANG_SECONDS)
    simple: dict[str, Callable[[], Response]] = {
        "html": lambda: HTMLResponse("<html><body>Sorry, we are down for maintenance.</body></html>"),
        "truncated": lambda: PlainTextResponse(
            bytes(JSONResponse(answer).body)[: len(JSONResponse(answer).body) // 2], media_type="application/json"
        ),
        "error": lambda: JSONResponse({"message": "Internal Server Error"}, 500),
        "busy": lambda: JSONResponse({"message": "Too Many Requests"}, 429, {"Retry-After": "0"}),
        "refused": lambda: JSONResponse({"message": "Forbidden"}, 403),
    }
    if kind in simple:
        return simple[kind]()
    return JSONResponse(_spoilt(answer, kind), status)


def _spoilt(answer: Any, kind: str | None) -> Any:
    """Return an answer with values that a bureau must not send."""
    changes: dict[str, dict[str, Any]] = {
        "wrong_company": {"duns": "999999999", "companyId": "00000000-0000-0000-0000-000000000000"},
        "wrong_currency": {"currency": "ZZZ"},
        "absurd": {"nationalPercentile": 4711, "debtorRiskValue": "-3", "value": 1e30},
        "preparing": {"status": "in-preparation"},
    }
    if isinstance(answer, list):
        return [_spoilt(part, kind) for part in answer]
    if isinstance(answer, dict):
        spoilt = {name: _spoilt(value, kind) for name, value in answer.items()}
        return spoilt | {name: value for name, value in changes.get(kind or "", {}).items() if name in answer}
    return answer


def _coface(app: FastAPI, books: Books) -> None:
    data = "/coface/dataapi-v1"

    def authenticate(authorization: str, api_key: str) -> None:
        if authorization not in books.tokens or api_key != CREDENTIAL:
            raise HTTPException(401, "Unauthorized")

    @app.post("/coface/authentication/v1/token")
    async def token(body: dict[str, str], x_api_key: Annotated[str, Header()] = "") -> Response:
        given = (body.get("grantType"), body.get("username"), body.get("password"), x_api_key)
        if given != ("password", CREDENTIAL, CREDENTIAL, CREDENTIAL):
            raise HTTPException(401, "Unauthorized")
        answer = {"idToken": books.token(), "accessToken": "-", "expiresIn": 3600, "tokenType": "Bearer"}
        return await _answer(books, "coface.token", answer)

    @app.get(f"{data}/companies")
    async def companies(
        country: Annotated[str, Query(alias="countryCode")],
        external_id: Annotated[str, Query(alias="externalId")] = "",
        name: Annotated[str, Query(alias="companyName")] = "",
        authorization: Annotated[str, Header()] = "",
        x_api_key: Annotated[str, Header()] = "",
    ) -> Response:
        authenticate(authorization, x_api_key)
        known = found(name or external_id, country, external_id or f"{name}/{country}")
        books.companies |= {one.coface_id: one for one in known}
        answer = [{"id": one.coface_id, "name": one.name, "address": {"countryCode": country}} for one in known]
        return await _answer(books, "coface.companies", answer)

    @app.post(f"{data}/publications/orders")
    async def order(
        body: dict[str, Any], authorization: Annotated[str, Header()] = "", x_api_key: Annotated[str, Header()] = ""
    ) -> Response:
        authenticate(authorization, x_api_key)
        refused = books.faults and _refused_before(books, "coface.order")
        if refused:
            return refused
        company, reference = books.companies[body["companyId"]], str(body.get("customerReference"))
        today = datetime.now(UTC).date()
        publications = []
        for assessment in body["assessments"]:
            slug, delivery = assessment["slug"], secrets.token_hex(8)
            books.contents[delivery] = coface_assessment(slug, company, assessment.get("currency", "EUR"), today)
            publications.append({"id": delivery, "assessmentSlug": slug, "status": "ready"})
        order_id = secrets.token_hex(8)
        placed = {
            "id": order_id,
            "orderDate": today.isoformat(),
            "customerReference": reference,
            "status": "ready",
            "publications": publications,
        }
        books.orders[order_id] = placed
        books.sales.append({"bureau": "coface", "reference": reference, "company": company.coface_id})
        return await _answer(books, "coface.order", placed, status=201)

    @app.get(f"{data}/publications/orders")
    async def orders(
        reference: Annotated[str, Query(alias="customerReference")] = "",
        order_id: Annotated[str, Query(alias="id")] = "",
        authorization: Annotated[str, Header()] = "",
        x_api_key: Annotated[str, Header()] = "",
    ) -> Response:
        authenticate(authorization, x_api_key)
        wanted = [
            one for one in books.orders.values() if order_id == one["id"] or reference == one["customerReference"]
        ]
        return await _answer(books, "coface.orders", wanted)

    @app.get(f"{data}/publications")
    async def content(
        delivery: Annotated[str, Query(alias="id")],
        authorization: Annotated[str, Header()] = "",
        x_api_key: Annotated[str, Header()] = "",
    ) -> Response:
        authenticate(authorization, x_api_key)
        return await _answer(books, "coface.content", [books.contents[delivery]])


def _refused_before(books: Books, endpoint: str) -> Response | None:
    """Return the refusal of an order that is not taken, where such a fault is due."""
    for fault in books.faults:
        if fault.endpoint == endpoint and fault.times > 0 and fault.kind in ("busy", "refused"):
            fault.times -= 1
            return JSONResponse({"message": fault.kind}, 429 if fault.kind == "busy" else 403, {"Retry-After": "0"})
    return None


def _direct_plus(app: FastAPI, books: Books) -> None:
    def problem(status: int, code: str, message: str) -> JSONResponse:
        detail = {"transactionID": secrets.token_hex(8), "inLanguage": "en-US"}
        return JSONResponse(
            {"transactionDetail": detail, "error": {"errorCode": code, "errorMessage": message}}, status
        )

    def unauthorised(authorization: str) -> JSONResponse | None:
        scheme, _, token = authorization.partition(" ")
        if scheme == "Bearer" and token in books.tokens:
            return None
        return problem(401, "00004", "You are not currently authorised to access this product.")

    @app.post("/dnb/v3/token")
    async def token(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        form = await request.form()
        expected = "Basic " + base64.b64encode(f"{CREDENTIAL}:{CREDENTIAL}".encode()).decode()
        if authorization != expected or form.get("grant_type") != "client_credentials":
            return problem(401, "00041", "Unauthorized")
        answer = {"access_token": books.token(), "expires_in": 86400, "token_type": "Bearer"}
        return await _answer(books, "dun_bradstreet.token", answer)

    @app.get("/dnb/v1/match/cleanseMatch")
    async def match(
        country: Annotated[str, Query(alias="countryISOAlpha2Code")],
        name: str = "",
        registration: Annotated[str, Query(alias="registrationNumber")] = "",
        authorization: Annotated[str, Header()] = "",
    ) -> Response:
        if refusal := unauthorised(authorization):
            return refusal
        known = found(name or registration, country, registration or f"{name}/{country}")
        if not known:
            return problem(404, "20505", "No Match found for the requested input criteria.")
        books.companies |= {one.duns: one for one in known}
        candidates = [
            {
                "displaySequence": place,
                "matchQualityInformation": {"confidenceCode": 10},
                "organization": {"duns": one.duns, "primaryName": one.name},
            }
            for place, one in enumerate(known, start=1)
        ]
        answer = {"candidatesMatchedQuantity": len(candidates), "matchCandidates": candidates}
        return await _answer(books, "dun_bradstreet.match", answer)

    @app.get("/dnb/v1/data/duns/{duns}")
    async def data(
        duns: str,
        reference: Annotated[str, Query(alias="customerReference")] = "",
        authorization: Annotated[str, Header()] = "",
    ) -> Response:
        if refusal := unauthorised(authorization):
            return refusal
        if duns.startswith("000"):
            return problem(404, "10500", "DUNS not found")
        if refused := _refused_before(books, "dun_bradstreet.data"):
            return refused
        company = books.companies.get(duns, Company(duns, f"Company {duns}", None))
        books.sales.append({"bureau": "dun_bradstreet", "reference": reference, "company": duns})
        now = datetime.now(UTC)
        detail = {"transactionID": secrets.token_hex(8), "transactionTimestamp": now.isoformat()}
        answer = {"transactionDetail": detail, "organization": direct_plus_organization(company, now.date())}
        return await _answer(books, "dun_bradstreet.data", answer)
