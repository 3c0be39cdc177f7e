"""What is told and answered of a decision is what the models say, though they are not made for it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from credit_service.credit_accounts.domain import Account, Exposure, Limit
from credit_service.credit_decisions.domain.decision import Asked, Decided, Known, decide_order
from credit_service.credit_decisions.schemas import CreditDecision, answer_of
from credit_service.credit_decisions.use_cases import event_of
from credit_service.credit_policies.domain import Policy, PolicyContent
from credit_service.fulfilment.domain import Taken
from shared.events.envelope import Envelope, write_checked

AT = datetime(2026, 3, 2, 8, 15, 0, 250000, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


def amounts(least: int = 0) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=least, max_value=10**14, places=2)


@st.composite
def decisions(draw: st.DrawFn) -> Decided:
    rules = [
        {"rule": "static_limit", "reaction": draw(st.sampled_from(["warn", "hold", "reject"]))},
        {"rule": "account_blocked", "reaction": draw(st.sampled_from(["warn", "hold"]))},
        {"rule": "payment_terms", "reaction": "warn"},
    ]
    content = PolicyContent.model_validate({"rules": rules, "held_orders_reserve": draw(st.booleans())})
    account = Account(
        draw(TEXT),
        "EUR",
        1,
        Limit.of(draw(st.none() | amounts())),
        "C",
        draw(st.booleans()),
        Exposure(draw(amounts()), draw(amounts(-(10**14))), unapplied=draw(amounts())),
        None,
        0,
        payment_terms="net 30",
        limit_decided=True,
    )
    amount = draw(amounts(1))
    taken = Taken(draw(st.sampled_from([Decimal(0), amount / 2, amount])), draw(st.sampled_from([Decimal(0), amount])))
    asked = Asked(
        draw(TEXT),
        account.customer_id,
        amount,
        "EUR",
        Decimal(1),
        None,
        "order",
        date(2026, 3, 2),
        payment_terms=draw(TEXT),
    )
    taken = Taken(taken.invoiced.quantize(Decimal("0.01")), taken.delivered)
    return decide_order(
        asked, account, None, Policy(risk_class="C", version=1, content=content), Known(taken), decision_id="chk_1"
    )


def by_model(event: Any) -> str:
    return str(event.model.model_validate_json(json.dumps(event.content, default=_plain)).model_dump_json())


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


@settings(deadline=None)
@given(decided=decisions())
def test_an_event_is_written_as_its_model_would_write_it(decided: Decided) -> None:
    event = event_of(decided)

    written = write_checked(event, source="credit-service", at=AT, correlation_id="req_1")

    envelope = Envelope.model_validate_json(written.body)
    assert written.body.endswith('"data":' + by_model(event) + "}")
    assert envelope.model_dump_json(exclude_none=True).split('"data":')[0] == written.body.split('"data":')[0]
    made = event.model.model_validate(envelope.data)
    assert (made.aggregate_id, made.about_customer) == (written.subject, envelope.customerid)
    assert (written.type, envelope.type) == (made.type, made.type)


@settings(deadline=None)
@given(decided=decisions(), dry_run=st.booleans())
def test_an_answer_is_written_as_its_model_would_write_it(decided: Decided, dry_run: bool) -> None:
    answer = json.loads(answer_of(decided, dry_run=dry_run))

    assert CreditDecision.model_validate(answer).model_dump(mode="json") == answer
