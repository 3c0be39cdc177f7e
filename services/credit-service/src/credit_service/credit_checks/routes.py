"""Credit checks over HTTP. Single checks that wait at the same time are decided together, in one transaction."""

from dataclasses import dataclass
from typing import Annotated, Any, cast

import structlog
from fastapi import Depends, Request, Response
from pydantic import ValidationError

from credit_service.credit_checks.schemas import CreditCheckBatchBody, CreditCheckBody, CreditCheckResults
from credit_service.credit_checks.use_cases import CheckAnswer, CheckAsk, CheckDesk
from credit_service.credit_decisions.schemas import CreditDecision
from shared.errors import OpenItemError
from shared.http import idempotency
from shared.http.edge import api_router, authenticated
from shared.http.problems import field_errors, problem_of, problem_response
from shared.security import Principal

router = api_router("credit checks")

SCOPE = "credit:check"


@dataclass(frozen=True, slots=True)
class Counter:
    """Who asks for checks, under which key, and the desk that takes them."""

    caller: Principal
    request: idempotency.KeyedRequest | None
    desk: CheckDesk


async def counter(request: Request) -> Counter:
    """Let only callers with the scope `credit:check` pass.

    One dependency in place of a tree of them: this is the busiest call, and resolving the tree would cost as much as the
    check itself.
    """
    caller = await authenticated(request, request.headers.get("authorization"))
    caller.need(SCOPE)
    key = idempotency.key_of(request)
    keyed = None
    if key is not None:
        path = f"{request.url.path}?{request.url.query}"
        keyed = idempotency.KeyedRequest(
            caller.subject, key, idempotency.fingerprint(request.method, path, await request.body())
        )
    return Counter(caller, keyed, request.app.state.check_desk)


counter.scope = SCOPE  # type: ignore[attr-defined]  # read by the gateway's contract test

At = Annotated[Counter, Depends(counter)]


def ask_of(body: CreditCheckBody, at: Counter, *, request: idempotency.KeyedRequest | None = None) -> CheckAsk:
    """Return a check as the desk takes it."""
    return CheckAsk(
        order_id=body.order_id,
        customer_id=body.customer_id,
        amount=body.amount,
        currency=body.currency,
        requested_delivery_date=body.requested_delivery_date,
        checkpoint=body.checkpoint,
        order_type=body.order_type,
        payment_terms=body.payment_terms,
        prepaid=body.prepaid,
        dry_run=body.dry_run,
        as_of=body.as_of or at.desk.clock.today(),
        asked_by=at.caller.subject,
        request=request,
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
    )


class CheckRoute(idempotency.EffectRoute):
    """Reads the body of a check straight from its bytes; one that is not as it should be takes the usual way to its problem."""

    def get_route_handler(self) -> Any:
        """Return the short way, with FastAPI's behind it."""
        usual = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if request.url.query or request.headers.get("content-type") != "application/json":
                return cast(Response, await usual(request))
            at = await counter(request)
            try:
                body = CreditCheckBody.model_validate_json(await request.body())
            except ValidationError:
                return cast(Response, await usual(request))
            return _response(await at.desk.check(ask_of(body, at, request=at.request)))

        return handler


def _response(answer: CheckAnswer) -> Response:
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else None
    return Response(answer.body, answer.status, headers, "application/json")


async def check_order(body: CreditCheckBody, at: At) -> Response:
    """Decide whether an order may go and reserve its value.

    The same `order_id` again replaces its reservation; an identical repeat gets the same decision (200). A dry run decides
    without reserving (200).
    """
    return _response(await at.desk.check(ask_of(body, at, request=at.request)))


router.add_api_route(
    "/v1/credit-checks",
    check_order,
    methods=["POST"],
    status_code=201,
    response_model=CreditDecision,
    responses={200: {"model": CreditDecision, "description": "An identical repeat, or a dry run"}},
    route_class_override=CheckRoute,
)


@router.post("/v1/credit-checks/batch", response_model=CreditCheckResults)
async def check_orders(body: CreditCheckBatchBody, at: At) -> Response:
    """Decide up to 1,000 orders in their order, in one transaction. Each gets its own decision or its own problem."""
    asks: list[CheckAsk] = []
    problems: dict[int, Any] = {}
    for number, check in enumerate(body.checks):
        try:
            asks.append(ask_of(CreditCheckBody.model_validate(check), at))
        except ValidationError as error:
            problems[number] = _invalid(error)

    def write(outcomes: Any) -> bytes:
        answers = iter(outcomes)
        parts = [problems.get(number) or _part(next(answers)) for number in range(len(body.checks))]
        return b'{"results":[' + b",".join(parts) + b"]}"

    return _response(await at.desk.check_list(asks, at.request, write))


def _invalid(error: ValidationError) -> bytes:
    # The location of a part has no leading `body`, as that of a request has.
    found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
    problem = problem_response(422, "invalid_request", "Correct the fields named in errors.", field_errors(found))
    return bytes(problem.body)


def _part(outcome: CheckAnswer | OpenItemError) -> bytes:
    return outcome.body if isinstance(outcome, CheckAnswer) else bytes(problem_of(outcome).body)
