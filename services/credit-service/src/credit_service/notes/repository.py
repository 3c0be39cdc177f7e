"""Queries of notes."""

from typing import Any

from sqlalchemy import Select, select

from credit_service.notes.tables import NoteRow


def of_customer(customer_id: str, *, kind: str | None = None) -> Select[Any]:
    """Return the statement that lists a customer's notes."""
    statement = select(NoteRow).where(NoteRow.customer_id == customer_id)  # type: ignore[arg-type]
    if kind is not None:
        statement = statement.where(NoteRow.kind == kind)  # type: ignore[arg-type]
    return statement


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest notes."""
    return of_customer(customer_id).order_by(NoteRow.note_id.desc()).limit(count)  # type: ignore[attr-defined]
