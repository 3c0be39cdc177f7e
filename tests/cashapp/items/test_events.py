"""What is told of a posting is its contract's, though no model is made of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line
from shared.events.envelope import write, write_checked
from shared.money import exact

AT = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
TEXTS = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
DAYS = st.dates(date(2000, 1, 1), date(2200, 1, 1))
KINDS = ("issue", "payment", "discount", "credit", "tolerance", "write_off", "residual", "reversal")


@st.composite
def posted(draw: Any) -> tuple[Item, Entry, Line]:
    """An item after a posting of any kind, with its entry and line."""
    currency, places = draw(st.sampled_from([("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)]))
    unit = Decimal(1).scaleb(-places)
    amount = exact(draw(st.integers(1, 10**15)) * draw(st.sampled_from([1, -1])) * unit, currency)
    open_part = exact(amount - draw(st.sampled_from([Decimal(0), unit.copy_sign(amount), amount])), currency)
    issue_date = draw(DAYS)
    item = Item(
        item_id="itm_1",
        company_code="1000",
        number=draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)),
        kind="credit_memo" if amount < 0 else "invoice",
        customer_id="C-1",
        issue_date=issue_date,
        due_date=draw(DAYS),
        postable_from=issue_date,
        amount=amount,
        currency=currency,
        balance=open_part,
        version=draw(st.integers(1, 5)),
        payment_terms=draw(TEXTS),
        order_id=draw(TEXTS),
        po_number=draw(TEXTS),
        reference=draw(TEXTS),
    )
    line = Line(account=Account.RECEIVABLES, amount=amount, kind=draw(st.sampled_from(KINDS)), item_id="itm_1")
    entry = Entry(
        kind="application",
        posting_date=draw(DAYS),
        value_date=draw(st.none() | DAYS),
        company_code="1000",
        currency=currency,
        lines=(line, replace(line, account="other", amount=-amount)),
        receipt_id=draw(TEXTS),
        application_id=draw(TEXTS),
        dispute_id=draw(TEXTS),
    )
    return item, entry, line


@given(posted())
def test_the_event_of_a_posting_is_written_as_its_model_writes_it(made: tuple[Item, Entry, Line]) -> None:
    item, entry, line = made

    event = item.event(entry, line)

    data = event.model.model_validate(event.content)
    assert (data.aggregate_id, data.about_customer) == (event.subject, event.customer_id)
    told = write_checked(event, source="cashapp", at=AT, correlation_id=None)
    modelled = write(data, source="cashapp", at=AT, correlation_id=None)
    assert told.body.replace(told.id, "") == modelled.body.replace(modelled.id, "")
    assert (told.type, told.subject) == (modelled.type, modelled.subject)
    assert item.state == data.item  # type: ignore[attr-defined]  # an item's event
