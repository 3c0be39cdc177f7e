from shared.unit_of_work import Units
from tests.credit.desk import CUSTOMER, CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import invoice


async def test_a_new_account_has_no_credit_and_follows_its_customer(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.ask("erp", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"currency": "USD", "payment_terms": "net 14"})

    credit = await desk.credit("C-1")

    assert (credit["limit_state"], credit["credit_limit"], credit["risk_class"]) == ("zero", "0.00", "C")
    assert (credit["currency"], credit["payment_terms"]) == ("USD", "net 14")


async def test_the_currency_stays_once_something_is_counted_in_it(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.customer("C-2", limit=None)
    await tell(units, invoice("1", "C-2", "10.00").event())

    answers = [
        await desk.send("erp", "PUT", f"/v1/customers/{customer}", json=CUSTOMER | {"currency": "USD"})
        for customer in ("C-1", "C-2")
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "currency_in_use")] * 2
    assert [[error["field"] for error in answer.json()["errors"]] for answer in answers] == [["currency"]] * 2


async def test_an_order_held_in_the_old_currency_keeps_it_too(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.check("C-1", "SO-1", "10.00")

    answer = await desk.send("erp", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"currency": "USD"})

    assert answer.status_code == 409


async def test_terms_agreed_with_a_limit_stay_until_the_customers_own_change(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", "100.00", payment_terms="net 7")
    await desk.ask("erp", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"name": "Polarlicht"})
    agreed = (await desk.credit("C-1"))["payment_terms"]

    await desk.ask("erp", "PUT", "/v1/customers/C-1", json=CUSTOMER | {"payment_terms": "net 60"})

    assert (agreed, (await desk.credit("C-1"))["payment_terms"]) == ("net 7", "net 60")


async def test_amounts_have_the_decimals_of_the_accounts_currency(desk: CreditDesk) -> None:
    await desk.customer("C-1", currency="JPY", limit="1000")
    await desk.customer("C-2", currency="KWD", limit="1.000")

    yen = (await desk.check("C-1", "SO-1", "999", currency="JPY")).json()
    dinars = (await desk.check("C-2", "SO-2", "0.001", currency="KWD")).json()

    assert (yen["exposure_after"], yen["available_after"]) == ("999", "1")
    assert (dinars["exposure_after"], dinars["available_after"]) == ("0.001", "0.999")


async def test_credit_of_nobody_is_404(desk: CreditDesk) -> None:
    answer = await desk.send("credit_analyst", "GET", "/v1/customers/none/credit")

    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
