"""The base of this service's rows, and its metadata."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.database import new_metadata
from shared.tables import add_shared_tables

_registry = registry(metadata=new_metadata())
add_shared_tables(_registry.metadata)


class Row(SQLModel, registry=_registry):
    """Base of every row of collections-service."""
