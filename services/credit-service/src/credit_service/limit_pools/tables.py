"""One row per customer whose group was ever managed together, and one per customer that belongs to another."""

from datetime import datetime

from sqlmodel import Field

from credit_service.rows import Row
from shared.database import INSTANT


class LimitPoolRow(Row, table=True):
    """A head and whether its group shares its limit. Who grants on the pool locks this row, after the accounts."""

    __tablename__ = "limit_pools"

    pool_id: str = Field(primary_key=True, max_length=64, description="The customer at the head")
    version: int
    managed_together: bool
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=INSTANT)


class GroupMemberRow(Row, table=True):
    """The place of a customer in its group, as its master data names it."""

    __tablename__ = "group_members"

    customer_id: str = Field(primary_key=True, max_length=64)
    parent_id: str = Field(max_length=64, index=True)
