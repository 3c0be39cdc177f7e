"""Exports of the journal over HTTP."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from cashapp_service.ledger_exports import use_cases
from cashapp_service.ledger_exports.domain import COLUMNS, ExportFormat, writer_of
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal
from shared.unit_of_work import Units

router = api_router("ledger")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
_FILE: dict[str, Any] = {
    "description": "The file. Columns, in this order: "
    + ", ".join(f"`{name}` ({kind})" for name, kind in COLUMNS.items()),
    "headers": {
        "OpenItem-Next-After": {
            "description": "`after` of the next export: the journal up to this sequence was exported and is settled",
            "schema": {"type": "integer"},
        },
        "OpenItem-More": {
            "description": "Whether entries lie behind this export already",
            "schema": {"type": "string", "enum": ["true", "false"]},
        },
    },
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
    },
}


@router.get("/v1/ledger/exports", response_class=StreamingResponse, responses={200: _FILE})
async def export_ledger(
    request: Request,
    session: Reading,
    _: Reader,
    format_: Annotated[
        ExportFormat | None, Query(alias="format", description="Of the file; default by the Accept header, else csv")
    ] = None,
    after: Annotated[
        int, Query(ge=0, le=2**63 - 1, description="`OpenItem-Next-After` of the export before, 0 to begin")
    ] = 0,
    company_code: Annotated[
        str | None, Query(min_length=1, max_length=20, description="One company; default all")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000_000, description="Entries at most; none is exported in part")] = 100_000,
    accept: Annotated[str, Header(description="application/vnd.apache.parquet or text/csv")] = "*/*",
) -> StreamingResponse:
    """Export the journal behind a cursor, one row for each line, in the order of posting: nothing is missed, nothing comes twice.

    Columns are only ever added, at the end. In CSV, text that a spreadsheet would take for a formula begins with an apostrophe;
    account numbers and names are those of today's chart.
    """
    export = await use_cases.prepare_export(session, after=after, company_code=company_code, entries_max=limit)
    kind: ExportFormat = format_ or ("parquet" if "parquet" in accept else "csv")
    writer = writer_of(kind)
    units: Units = request.app.state.units
    name = f"ledger-{export.range.after}-{export.range.last}.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "OpenItem-Next-After": str(export.range.last),
        "OpenItem-More": "true" if export.more else "false",
    }
    return StreamingResponse(
        use_cases.write_export(units, export, writer), media_type=writer.media_type, headers=headers
    )
