"""The proof over HTTP."""

from typing import Annotated

from fastapi import Depends, Request

from cashapp_service.integrity import use_cases
from cashapp_service.integrity.schemas import Integrity, Law
from shared.http.edge import api_router, requires
from shared.security import Principal

router = api_router("ledger")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]


@router.get("/v1/ledger/integrity")
async def integrity(request: Request, _: Reader) -> Integrity:
    """Check every law of the books over all data, and name what breaks one."""
    verdicts = await use_cases.check_integrity(request.app.state.units)
    laws = [Law(name=one.name, checked=one.checked, violations=list(one.violations)) for one in verdicts]
    return Integrity(ok=not any(law.violations for law in laws), laws=laws)
