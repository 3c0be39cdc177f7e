from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credit_service.exchange_rates.domain import Rates
from tests.credit.desk import CreditDesk

RATES: dict[str, Any] = {"base": "EUR", "rates": {"USD": "1.25", "JPY": "160"}}


@pytest.mark.parametrize(
    ("currency", "target", "rate"),
    [
        ("EUR", "EUR", "1"),
        ("EUR", "USD", "1.25"),
        ("USD", "EUR", "0.8"),
        ("USD", "JPY", "128"),
        ("GBP", "EUR", None),
        ("EUR", "GBP", None),
    ],
)
def test_a_rate_leads_over_the_base_from_one_currency_to_another(currency: str, target: str, rate: str | None) -> None:
    rates = Rates({"EUR": {"USD": Decimal("1.25"), "JPY": Decimal(160)}})

    assert rates.between(currency, target) == (None if rate is None else Decimal(rate))


@pytest.mark.parametrize(("currency", "target"), [("JPY", "KWD"), ("KWD", "JPY"), ("KWD", "EUR")])
def test_a_rate_that_cannot_be_kept_is_none_and_never_zero(currency: str, target: str) -> None:
    rates = Rates({"EUR": {"JPY": Decimal(10**9), "KWD": Decimal("0.0000000001")}})

    assert rates.between(currency, target) is None


async def test_an_order_at_a_rate_that_cannot_be_kept_is_refused_and_its_currency_named(desk: CreditDesk) -> None:
    await desk.customer("C-1", currency="JPY")
    absurd = {"base": "EUR", "rates": {"JPY": "1000000000", "KWD": "0.0000000001"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=absurd)

    answer = await desk.check("C-1", "SO-1", "1.000", currency="KWD")

    assert (answer.status_code, answer.json()["code"]) == (422, "missing_exchange_rate")
    assert [error["field"] for error in answer.json()["errors"]] == ["currency"]


async def test_an_order_in_another_currency_is_counted_in_the_accounts(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=RATES)

    fits = (await desk.check("C-1", "SO-1", "125.00", currency="USD")).json()
    over = (await desk.check("C-1", "SO-2", "1", currency="JPY")).json()

    assert (fits["decision"], fits["exposure_after"], fits["currency"]) == ("approved", "100.00", "EUR")
    assert over["decision"] == "held"
    order = await desk.order("SO-1")
    assert (order["amount"], order["currency"]) == ("125.00", "USD")


async def test_a_rate_does_not_hold_before_its_day(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-03", json=RATES)

    answer = await desk.check("C-1", "SO-1", "125.00", currency="USD")

    assert (answer.status_code, answer.json()["code"]) == (422, "missing_exchange_rate")


async def test_the_newest_rate_of_a_day_is_told_and_none_is_a_404(desk: CreditDesk) -> None:
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=RATES)
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-03", json=RATES | {"rates": {"USD": "1.60"}})

    def asked(day: str, currency: str, target: str) -> str:
        return f"/v1/exchange-rates/{day}?currency={currency}&target={target}"

    on_the_day = await desk.ask("ar_specialist", "GET", asked("2026-03-02", "USD", "EUR"))
    later = await desk.ask("auditor", "GET", asked("2026-03-04", "EUR", "USD"))
    missing = [
        await desk.send("ar_specialist", "GET", asked(day, currency, "EUR"))
        for day, currency in (("2026-02-28", "USD"), ("2026-03-02", "GBP"))
    ]

    assert on_the_day == {"date": "2026-03-02", "currency": "USD", "target": "EUR", "rate": "0.8"}
    assert later["rate"] == "1.6"
    assert [(one.status_code, one.json()["code"]) for one in missing] == [(404, "exchange_rate_not_found")] * 2


@pytest.mark.parametrize("rate", ["0", "-1", 1.25, "1e3", "", ".", "0.00000000001", "9" * 12])
async def test_a_rate_that_is_none_is_refused(desk: CreditDesk, rate: Any) -> None:
    body = {"base": "EUR", "rates": {"USD": rate}}

    answer = await desk.send("credit_manager", "PUT", f"/v1/exchange-rates/{date(2026, 3, 1)}", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "rates.USD"
