"""Credit checks over HTTP. Single checks that wait at the same time are decided together, in one transaction.

The one thing to know: the routes below say what is asked and answered, and serve whatever is out of the ordinary. A plain
check never reaches them: `CheckEdge` reads it from its bytes, hands it to the desk and writes the answer's bytes, because
FastAPI's way to a route and back costs more than the check. Both end in the same functions. What has a card number in it is
not plain, so that the guard behind the edge refuses it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import field
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request, Response
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from credit_service.check_rounds.domain import CheckAnswer, CheckAsk, Outcome
from credit_service.credit_checks.schemas import (
    CreditCheckBatchBody,
    CreditCheckBody,
    CreditCheckResults,
    parts_of,
    read_plainly,
)
from credit_service.credit_checks.use_cases import CheckDesk
from credit_service.credit_decisions.schemas import CreditDecision
from shared.answers import KeyedRequest
from shared.errors import OpenItemError
from shared.http import idempotency
from shared.http.edge import api_router
from shared.http.problems import field_errors, problem_of, problem_response, response_to
from shared.http.protocol import WHOLE_ANSWER, WholeAnswer
from shared.security import Principal, TokenVerifier
from shared.values import value

router = api_router("credit checks")

SCOPE = "credit:check"
CHECKS = "/v1/credit-checks"
BATCH = f"{CHECKS}/batch"


@value(frozen=True, slots=True)
class Counter:
    """Who asks for checks, in which request, under which key, and the desk that takes them."""

    caller: Principal
    request: KeyedRequest | None
    desk: CheckDesk
    request_id: str | None = field(default_factory=lambda: structlog.contextvars.get_contextvars().get("request_id"))

    def ask(self, body: CreditCheckBody, *, request: KeyedRequest | None = None) -> CheckAsk:
        """Return a check as the desk takes it."""
        return CheckAsk(
            order_id=body.order_id,
            customer_id=body.customer_id,
            amount=body.amount,
            currency=body.currency,
            requested_delivery_date=body.requested_delivery_date,
            checkpoint=body.checkpoint,
            dry_run=body.dry_run,
            as_of=body.as_of or self.desk.clock.today(),
            asked_by=self.caller.subject,
            request=request,
            request_id=self.request_id,
            order_type=body.order_type,
            payment_terms=body.payment_terms,
            prepaid=body.prepaid,
        )

    def ask_plainly(self, content: Any, *, request: KeyedRequest | None = None) -> CheckAsk | None:
        """Return a check that can be read plainly from its bytes as the desk takes it, None where it cannot."""
        read = read_plainly(content)
        if read is None:
            return None
        check, amount = read
        return CheckAsk(
            check.order_id,
            check.customer_id,
            amount,
            check.currency,
            check.requested_delivery_date,
            check.checkpoint,
            check.dry_run,
            check.as_of or self.desk.clock.today(),
            self.caller.subject,
            request,
            self.request_id,
            order_type=check.order_type,
            payment_terms=check.payment_terms,
            prepaid=check.prepaid,
        )


async def counter(request: Request) -> Counter:
    """Let only callers with the scope `credit:check` pass."""
    verifier: TokenVerifier = request.app.state.verifier
    caller = await verifier.verify(request.headers.get("authorization"))
    caller.need(SCOPE)
    key = idempotency.key_of(request)
    path = f"{request.url.path}?{request.url.query}"
    keyed = None if key is None else _keyed(caller, key, path, await request.body())
    return Counter(caller, keyed, request.app.state.check_desk)


counter.scope = SCOPE  # type: ignore[attr-defined]  # read by the gateway's contract test

At = Annotated[Counter, Depends(counter)]


def _keyed(caller: Principal, key: str, path: str, content: bytes) -> KeyedRequest:
    return KeyedRequest(caller.subject, key, idempotency.fingerprint("POST", path, content))


@router.post(
    CHECKS,
    status_code=201,
    response_model=CreditDecision,
    responses={200: {"model": CreditDecision, "description": "An identical repeat, or a dry run"}},
)
async def check_order(body: CreditCheckBody, at: At) -> Response:
    """Decide whether an order may go and reserve its value.

    The same `order_id` again replaces its reservation; an identical repeat gets the same decision (200). A dry run decides
    without reserving (200). Where no check is possible nothing is approved: the problem (503) carries in `when_unavailable` what
    the customer's policy advises to do with the order.
    """
    return _response(await at.desk.check(at.ask(body, request=at.request)))


@router.post(BATCH, response_model=CreditCheckResults)
async def check_orders(body: CreditCheckBatchBody, at: At) -> Response:
    """Decide up to 1,000 orders in their order, in one transaction. Each gets its own decision or its own problem."""
    return _response(await _check_list(at, [_read_part(at, check) for check in body.checks]))


def _read_part(at: Counter, check: Any) -> CheckAsk | bytes:
    """Return one check of a list, or its problem."""
    try:
        return at.ask(CreditCheckBody.model_validate(check))
    except ValidationError as error:
        # The location of a part has no leading `body`, as that of a request has.
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        problem = problem_response(422, "invalid_request", "Correct the fields named in errors.", field_errors(found))
        return bytes(problem.body)


async def _check_list(at: Counter, parts: Sequence[CheckAsk | bytes]) -> CheckAnswer:
    """Have the checks among `parts` decided and answer each part in its place."""

    def write(outcomes: Sequence[Outcome]) -> bytes:
        answers = iter(outcomes)
        results = [part if isinstance(part, bytes) else _written(next(answers)) for part in parts]
        return b'{"results":[' + b",".join(results) + b"]}"

    return await at.desk.check_list([part for part in parts if isinstance(part, CheckAsk)], at.request, write)


def _written(outcome: Outcome) -> bytes:
    if isinstance(outcome, CheckAnswer):
        return outcome.body
    assert isinstance(outcome, OpenItemError), "a list waits for its accounts"
    return bytes(problem_of(outcome).body)


def _response(answer: CheckAnswer) -> Response:
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else None
    return Response(answer.body, answer.status, headers, "application/json")


Way = Callable[[Counter, bytes], Awaitable[CheckAnswer | None]]


async def _check_plainly(at: Counter, content: bytes) -> CheckAnswer | None:
    ask = at.ask_plainly(content, request=at.request)
    return None if ask is None else await at.desk.check(ask)


async def _check_list_plainly(at: Counter, content: bytes) -> CheckAnswer | None:
    asks: list[CheckAsk] = []
    for part in parts_of(content) or ():
        if (ask := at.ask_plainly(part)) is None:
            return None
        asks.append(ask)
    return await _check_list(at, asks) if asks else None


class CheckEdge:
    """ASGI middleware: serves plain checks itself and leaves everything else to the app behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        ways: dict[str, Way] = {CHECKS: _check_plainly, BATCH: _check_list_plainly}
        routes = {getattr(route, "path", None): route for route in router.routes}
        self._ways = {path: (way, routes[path]) for path, way in ways.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        known = self._ways.get(scope["path"]) if scope["type"] == "http" else None
        headers = dict(scope["headers"]) if known and _is_ordinary(scope) else None
        if known is None or headers is None or not _is_sized_json(headers):
            await self._app(scope, receive, send)
            return
        way, scope["route"] = known
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        content = b"".join([message.get("body", b"") for message in messages])
        try:
            answer = await way(await _counter_of(scope, headers, content), content)
        except Exception as error:
            await response_to(error)(scope, receive, send)
            return
        if answer is None:
            await self._app(scope, _again(messages, receive), send)
        else:
            await _send(answer, scope, send)


def _is_ordinary(scope: Scope) -> bool:
    return scope["method"] == "POST" and not scope["query_string"]


def _is_sized_json(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-type") == b"application/json" and b"content-length" in headers


async def _counter_of(scope: Scope, headers: dict[bytes, bytes], content: bytes) -> Counter:
    """Do what `counter` does, with the headers as they came."""
    state = scope["app"].state
    verifier: TokenVerifier = state.verifier
    caller = await verifier.verify(headers.get(b"authorization", b"").decode("latin-1"))
    caller.need(SCOPE)
    key = headers.get(b"idempotency-key")
    if key is None:
        return Counter(caller, None, state.check_desk)
    name = idempotency.checked_key(key.decode("latin-1"))
    return Counter(caller, _keyed(caller, name, f"{scope['path']}?", content), state.check_desk)


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Return what gives the messages that were received once more."""
    waiting = iter(messages)

    async def receive_again() -> Message:
        return next(waiting, None) or await receive()

    return receive_again


async def _send(answer: CheckAnswer, scope: Scope, send: Send) -> None:
    headers = [(b"content-type", b"application/json")]
    if answer.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    write_whole: WholeAnswer | None = scope.get("extensions", {}).get(WHOLE_ANSWER)
    if write_whole is not None and write_whole(answer.status, headers, answer.body):
        return
    headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
