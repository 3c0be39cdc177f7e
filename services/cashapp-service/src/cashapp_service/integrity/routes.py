"""The proof over HTTP."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import StreamingResponse

from cashapp_service.integrity import use_cases
from cashapp_service.integrity.schemas import Integrity, Law
from cashapp_service.ledger.domain import LawVerdict
from shared.http.edge import api_router, requires
from shared.security import Principal

router = api_router("ledger")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]


@router.get("/v1/ledger/integrity", response_model=Integrity)
async def integrity(request: Request, _: Reader) -> StreamingResponse:
    """Check every law of the books over all data, and name what breaks one.

    The answer is written law by law, as they are checked: over millions of postings it takes the better part of a minute.
    """
    found = use_cases.check_step_by_step(request.app.state.units)
    # Before the answer begins, so that a database that cannot be reached is a problem document still.
    first = await anext(found)
    return StreamingResponse(_written(first, found), media_type="application/json")


async def _written(first: list[LawVerdict], found: AsyncIterator[list[LawVerdict]]) -> AsyncIterator[str]:
    """Yield the pieces of an `Integrity`, the laws before the verdict on all of them."""
    ok = not any(verdict.violations for verdict in first)
    yield '{"laws":[' + ",".join(map(_law, first))
    async for verdicts in found:
        ok = ok and not any(verdict.violations for verdict in verdicts)
        yield "".join("," + _law(verdict) for verdict in verdicts)
    yield '],"ok":' + ("true}" if ok else "false}")


def _law(verdict: LawVerdict) -> str:
    return Law(name=verdict.name, checked=verdict.checked, violations=list(verdict.violations)).model_dump_json()
