import base64

import pytest

from gateway.access.requests import FORM, TokenRequestError, read_request

GOOD = b"grant_type=client_credentials&client_id=erp&client_secret=s"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_a_client_may_send_its_secret_in_the_form() -> None:
    request = read_request(FORM + "; charset=utf-8", GOOD, None)

    assert (request.client_id, request.client_secret, request.scopes) == ("erp", "s", None)


def test_a_client_may_send_its_secret_by_http_basic_form_encoded() -> None:
    request = read_request(FORM, b"grant_type=client_credentials&scope=a+b", basic("erp:s%20s%3A"))

    assert (request.client_id, request.client_secret, request.scopes) == ("erp", "s s:", frozenset({"a", "b"}))


@pytest.mark.parametrize(
    ("body", "authorization", "error", "status"),
    [
        (b"", None, "invalid_request", 400),
        (b"client_id=erp&client_secret=s", None, "invalid_request", 400),
        (b"grant_type=password&username=a&password=b", None, "unsupported_grant_type", 400),
        (b"grant_type=client_credentials", None, "invalid_client", 401),
        (b"grant_type=client_credentials&client_id=erp", None, "invalid_client", 401),
        (b"grant_type=client_credentials&client_id=&client_secret=", None, "invalid_client", 401),
        (GOOD + b"&client_id=admin", None, "invalid_request", 400),
        (GOOD, basic("erp:s"), "invalid_request", 400),
        (b"grant_type=client_credentials", "Basic !", "invalid_client", 401),
        (b"grant_type=client_credentials", basic("erp"), "invalid_client", 401),
        (b"grant_type=client_credentials", "Basic " + base64.b64encode(b"\xff\xfe:").decode(), "invalid_client", 401),
        (b"grant_type=client_credentials&client_id=\xff", None, "invalid_request", 400),
        (b"grant_type=client_credentials&client_id=%ff", None, "invalid_request", 400),
        (b"&".join(b"a%d=1" % number for number in range(50)), None, "invalid_request", 400),
    ],
)
def test_a_request_that_is_not_one_is_refused_in_the_words_of_rfc_6749(
    body: bytes, authorization: str | None, error: str, status: int
) -> None:
    with pytest.raises(TokenRequestError) as refusal:
        read_request(FORM, body, authorization)

    assert (refusal.value.error, refusal.value.status) == (error, status)


def test_json_is_no_form() -> None:
    with pytest.raises(TokenRequestError, match="application/x-www-form-urlencoded"):
        read_request("application/json", b"{}", None)
