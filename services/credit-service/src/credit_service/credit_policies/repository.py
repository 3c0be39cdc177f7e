"""Queries and locks of credit policies."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.credit_policies.domain import Policy, PolicyContent
from credit_service.credit_policies.tables import CreditPolicyRow

_CURRENT = text(
    "select distinct on (risk_class) risk_class, version, cast(content as text) from credit_policies "
    "order by risk_class, version desc"
)
_VERSION = text(
    "select risk_class, version, cast(content as text) from credit_policies "
    "where risk_class = :risk_class and version = :version"
)
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:risk_class, 3))")


@lru_cache(maxsize=64)
def _read(risk_class: str, version: int, content: str) -> Policy:
    return Policy(risk_class=risk_class, version=version, content=PolicyContent.model_validate_json(content))


async def current(session: AsyncSession) -> dict[str, Policy]:
    """Return the policy in force of each risk class."""
    return {row[0]: _read(*row) for row in await session.execute(_CURRENT)}


async def of_version(session: AsyncSession, risk_class: str, version: int) -> Policy:
    """Return one version of a policy."""
    row = (await session.execute(_VERSION, {"risk_class": risk_class, "version": version})).one()
    return _read(*row)


async def find_version(session: AsyncSession, risk_class: str, version: int) -> CreditPolicyRow | None:
    """Return one version of a policy with who changed it."""
    return await session.get(CreditPolicyRow, (risk_class, version))


def versions(risk_class: str) -> Select[Any]:
    """Return the statement that lists the versions of a policy."""
    return select(CreditPolicyRow).where(col(CreditPolicyRow.risk_class) == risk_class)


async def lock(session: AsyncSession, risk_class: str) -> None:
    """Wait for whoever writes the next version of this policy."""
    await session.execute(_LOCK, {"risk_class": risk_class})
