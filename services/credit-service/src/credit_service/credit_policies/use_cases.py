"""What can be done with a credit policy."""

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_policies import repository
from credit_service.credit_policies.domain import Policy, PolicyContent, PolicyNotFoundError, PolicyVersionNotFoundError
from credit_service.credit_policies.tables import CreditPolicyRow
from shared.jobs import enqueue
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

RECHECK_CLASS = "releases.recheck_class"
"""The job that looks again at what is held of a risk class under its new policy; `releases` does it."""


async def policy_of(session: AsyncSession, risk_class: str) -> Policy:
    """Return the policy in force; raise `PolicyNotFoundError`."""
    policy = (await repository.current(session)).get(risk_class)
    if policy is None:
        raise PolicyNotFoundError(risk_class)
    return policy


async def policies(session: AsyncSession) -> dict[str, Policy]:
    """Return the policy in force of each risk class."""
    return await repository.current(session)


async def policy_of_version(session: AsyncSession, risk_class: str, version: int) -> Policy:
    """Return one version of a policy, which never changes."""
    return await repository.of_version(session, risk_class, version)


async def version_row(session: AsyncSession, risk_class: str, version: int) -> CreditPolicyRow:
    """Return one version with who changed it; raise `PolicyNotFoundError`, `PolicyVersionNotFoundError`."""
    await policy_of(session, risk_class)
    row = await repository.find_version(session, risk_class, version)
    if row is None:
        raise PolicyVersionNotFoundError(risk_class, version)
    return row


async def locked_policy(uow: UnitOfWork, risk_class: str) -> Policy:
    """Return the policy in force and keep others from writing the next version; raise `PolicyNotFoundError`."""
    await repository.lock(uow.session, risk_class)
    return await policy_of(uow.session, risk_class)


async def put_policy(
    uow: UnitOfWork,
    risk_class: str,
    content: PolicyContent,
    *,
    changed_by: str,
    expected_version: int | None,
    drafted_by: str | None = None,
    note: str | None = None,
) -> Policy:
    """Write the next version of a policy; equal content changes nothing. Decisions keep the version they saw.

    What is held of its risk class is looked at again in a job, because it may concern many.
    """
    present = await locked_policy(uow, risk_class)
    ensure_fresh(expected_version, present.version)
    if present.content == content:
        return present
    policy = Policy(risk_class=risk_class, version=present.version + 1, content=content)
    uow.session.add(
        CreditPolicyRow(
            risk_class=risk_class,
            version=policy.version,
            content=content.model_dump(mode="json"),
            changed_by=changed_by,
            changed_at=uow.clock.now(),
            drafted_by=drafted_by,
            note=note,
        )
    )
    await enqueue(
        uow,
        prefix="crj",
        kind=RECHECK_CLASS,
        requested_by=changed_by,
        params={"risk_class": risk_class},
        natural_key=f"policy:{risk_class}:{policy.version}",
    )
    return policy
