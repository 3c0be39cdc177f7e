from dataclasses import replace

from sqlalchemy import text

from credit_service.credit_accounts import use_cases
from credit_service.credit_accounts.domain import LimitDecision
from shared.unit_of_work import Units

NEWER_POLICY = text(
    "insert into credit_policies select risk_class, 7, content, changed_by, changed_at "
    "from credit_policies where risk_class = 'B'"
)
DECISION = LimitDecision("ana", "max", "test", "lrq_1", kind="terms")


async def test_an_account_of_another_class_comes_with_the_policy_of_that_class(units: Units) -> None:
    async with units.begin() as uow:
        await uow.session.execute(NEWER_POLICY)
        account = await use_cases.open_account(uow, "C-1", currency="EUR", payment_terms="net 30")

        changed = await use_cases.change_limit(uow, account, account.limit, decision=DECISION, risk_class="B")

        assert (changed.risk_class, changed.policy_version) == ("B", 7)
        assert changed == (await use_cases.accounts(uow.session, ["C-1"]))["C-1"]


async def test_terms_alone_are_no_decision_about_the_limit(units: Units) -> None:
    async with units.begin() as uow:
        account = await use_cases.open_account(uow, "C-1", currency="EUR", payment_terms="net 30")
        terms = await use_cases.change_limit(uow, account, account.limit, decision=DECISION, payment_terms="net 10")
        given = await use_cases.change_limit(uow, terms, terms.limit, decision=replace(DECISION, kind="limit"))

        assert (terms.limit_decided, given.limit_decided) == (False, True)
