import httpx
import pytest

from tests.support.services import bearer

CUSTOMER = {
    "name": "Nordlicht Handel",
    "country": "DE",
    "currency": "EUR",
    "payment_terms": "net 30",
    "bank_accounts": ["DE89 3704 0044 0532 0130 00"],
}


async def put(credit: httpx.AsyncClient, customer_id: str = "C-1", **changes: object) -> httpx.Response:
    return await credit.put(f"/v1/customers/{customer_id}", json=CUSTOMER | changes, headers=bearer("erp"))


async def test_a_customer_is_created_once_and_equal_content_changes_nothing(credit: httpx.AsyncClient) -> None:
    first, second = await put(credit), await put(credit)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["ETag"] == first.headers["ETag"] == '"1"'


async def test_a_stale_if_match_is_refused(credit: httpx.AsyncClient) -> None:
    await put(credit)
    await put(credit, name="Nordlicht")

    answer = await credit.put("/v1/customers/C-1", json=CUSTOMER, headers=bearer("erp") | {"If-Match": '"1"'})

    assert answer.status_code == 412
    assert answer.json()["code"] == "stale_version"


async def test_bank_accounts_are_masked_for_roles_that_do_not_need_them(credit: httpx.AsyncClient) -> None:
    await put(credit)

    seen = {
        role: (await credit.get("/v1/customers/C-1", headers=bearer(role))).json()["bank_accounts"][0]
        for role in ("erp", "collector")
    }

    assert seen == {"erp": "DE89 3704 0044 0532 0130 00", "collector": "…0 00"}


async def test_an_unknown_field_is_named_with_its_remedy(credit: httpx.AsyncClient) -> None:
    answer = await put(credit, paymentterms="net 30")

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"field": "paymentterms", "detail": "There is no such field: remove it or correct its name."}
    ]


async def test_a_customer_is_found_by_any_name(credit: httpx.AsyncClient) -> None:
    await put(credit, "C-1", aliases=["Polarlicht"])
    await put(credit, "C-2", name="Other")

    found = await credit.get("/v1/customers", params={"q": "polar"}, headers=bearer("collector"))

    assert [customer["customer_id"] for customer in found.json()["data"]] == ["C-1"]


async def test_a_role_without_the_scope_is_refused(credit: httpx.AsyncClient) -> None:
    answer = await credit.put("/v1/customers/C-1", json=CUSTOMER, headers=bearer("auditor"))

    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["%20", "%20C-1", "C-1%09", "C%0A1", "%FF", "C-%ED%A0%80", "C%C2%A01", "C%E2%80%AE1"])
async def test_a_number_that_nobody_could_name_again_is_refused(credit: httpx.AsyncClient, key: str) -> None:
    answer = await credit.put(f"/v1/customers/{key}", json=CUSTOMER, headers=bearer("erp"))

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["customer_id"])


async def test_a_number_may_have_blanks_and_letters_of_any_language_within(credit: httpx.AsyncClient) -> None:
    answer = await credit.put("/v1/customers/K%C3%BCrten%20%E6%9D%B17", json=CUSTOMER, headers=bearer("erp"))

    assert (answer.status_code, answer.json()["customer_id"]) == (201, "K\u00fcrten \u67717")
