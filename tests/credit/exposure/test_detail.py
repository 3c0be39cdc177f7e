"""What an exposure is made of: documents that sum up to its totals."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.http.pagination import encode_cursor, list_id
from shared.unit_of_work import Units
from tests.credit.deliveries.test_routes import deliver
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.guarantees.test_routes import put
from tests.credit.ledger import invoice, receipt


async def detail(desk: CreditDesk, **params: Any) -> Any:
    return await desk.ask("credit_analyst", "GET", "/v1/customers/C-1/exposure", params=params)


async def lived(desk: CreditDesk, units: Units) -> None:
    """Have something in every category, in two currencies."""
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", None)
    for day in ("2026-01-01", datetime.now(UTC).date().isoformat()):
        rates = {"base": "EUR", "rates": {"USD": "1.2345"}}
        await desk.ask("credit_manager", "PUT", f"/v1/exchange-rates/{day}", json=rates)
    await desk.check("C-1", "SO-1", "700.00")
    await desk.check("C-1", "SO-2", "333.33", currency="USD")
    await deliver(desk, "SO-2", "1", "111.11", currency="USD")
    await deliver(desk, "SO-2", "2", "22.22", currency="USD")
    await put(desk, amount="99.99", currency="USD")
    await put(desk, "G-2", kind="received")
    await tell(
        units,
        invoice("1", "C-1", "100.00", "SO-1").event(),
        invoice("2", "C-1", "77.77", "SO-2", currency="USD").event(),
        invoice("3", "C-1", "-30.00", kind="credit_memo").event(),
        invoice("4", "C-1", "50.00", kind="down_payment_request").event(),
        invoice("5", "C-1", "60.00").now("0.00").event(kind="payment"),
        receipt("1", "C-1", "40.00").event(),
        receipt("2", None, "40.00").event(),
    )


async def test_the_documents_sum_up_to_the_totals(desk: CreditDesk, units: Units) -> None:
    await lived(desk, units)

    shown = await detail(desk)

    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in shown["data"]:
        sums[one["category"]] += Decimal(one["counts"])
    totals = {name: Decimal(amount) for name, amount in shown["exposure"].items()}
    assert totals.pop("total") == sum(sums.values()) - 2 * sums["unapplied"]
    assert sums == totals
    assert shown["exposure"] == (await desk.credit("C-1"))["exposure"]
    assert {(one["kind"], one["id"], one["delivery_id"]) for one in shown["data"]} == {
        ("order", "SO-1", None),
        ("order", "SO-2", None),
        ("delivery", "SO-2", "1"),
        ("delivery", "SO-2", "2"),
        ("invoice", "itm_1", None),
        ("invoice", "itm_2", None),
        ("credit_memo", "itm_3", None),
        ("down_payment_request", "itm_4", None),
        ("guarantee", "G-1", None),
        ("receipt", "rcp_1", None),
    }


async def test_each_document_has_its_own_amount_and_the_rate_that_converted_it(desk: CreditDesk, units: Units) -> None:
    await lived(desk, units)

    delivered = [one for one in (await detail(desk))["data"] if one["category"] == "delivered"]

    # 77.77 USD of the 133.33 delivered are invoiced, the earliest first.
    assert [(one["amount"], one["currency"], one["rate"], one["counts"]) for one in delivered] == [
        ("33.34", "USD", "0.8100445525", "27.01"),
        ("22.22", "USD", "0.8100445525", "18.00"),
    ]


async def test_pages_show_every_document_once_with_complete_totals(desk: CreditDesk, units: Units) -> None:
    await lived(desk, units)
    whole = await detail(desk)

    pages: list[Any] = []
    cursor = None
    while cursor is not None or not pages:
        pages.append(await detail(desk, limit=3, **({"cursor": cursor} if cursor else {})))
        cursor = pages[-1]["next_cursor"]

    assert [one for page in pages for one in page["data"]] == whole["data"]
    assert all(page["exposure"] == whole["exposure"] for page in pages)


async def test_a_document_that_waits_for_its_rate_is_shown_and_counts_for_nothing(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1")
    await tell(units, invoice("1", "C-1", "108.00", currency="GBP").event())

    shown = await detail(desk)

    assert shown["unconverted"] == 1
    assert [(one["amount"], one["rate"], one["counts"]) for one in shown["data"]] == [("108.00", None, "0.00")]


@pytest.mark.parametrize(("role", "status"), [("collector", 200), ("auditor", 200), ("erp", 200)])
async def test_who_may_read_credit_may_see_what_it_is_made_of(desk: CreditDesk, role: str, status: int) -> None:
    await desk.customer("C-1")

    assert (await desk.send(role, "GET", "/v1/customers/C-1/exposure")).status_code == status


async def test_nobodys_exposure_is_a_404_and_a_foreign_cursor_a_422(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    nobody = await desk.send("erp", "GET", "/v1/customers/C-9/exposure")
    mine = list_id("/v1/customers/C-1/exposure", ())
    cursors = ["WyJzeCJd", encode_cursor((mine, "a", "b", "c")), encode_cursor((mine, 1, 2, 3))]
    foreign = [
        await desk.send("erp", "GET", "/v1/customers/C-1/exposure", params={"cursor": cursor}) for cursor in cursors
    ]

    assert nobody.status_code == 404
    assert [answer.status_code for answer in foreign] == [422, 422, 422]
