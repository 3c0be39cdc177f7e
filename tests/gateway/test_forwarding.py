import pytest

from gateway.forwarding import inward, outward


def names(headers: list[tuple[str, str]]) -> list[str]:
    return [name for name, _ in headers]


@pytest.mark.parametrize(
    "header",
    [
        b"connection",
        b"keep-alive",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"proxy-authorization",
        b"host",
        b"expect",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-real-ip",
        b"cookie",
    ],
)
def test_what_belongs_to_one_connection_or_to_a_trusted_proxy_does_not_go_inward(header: bytes) -> None:
    assert names(inward([(header, b"x"), (b"accept", b"*/*")], "req_1")) == ["accept", "X-Request-Id"]


def test_what_the_connection_header_names_does_not_go_inward() -> None:
    sent = [(b"connection", b"close, X-Once"), (b"x-once", b"1"), (b"x-other", b"2")]

    assert names(inward(sent, "req_1")) == ["x-other", "X-Request-Id"]


def test_the_request_id_is_the_gateways() -> None:
    assert inward([(b"x-request-id", b"another")], "req_1") == [("X-Request-Id", "req_1")]


def test_token_key_and_version_go_inward() -> None:
    sent = [
        (b"authorization", b"Bearer t"),
        (b"idempotency-key", b"k"),
        (b"if-match", b'"1"'),
        (b"content-length", b"2"),
    ]

    assert names(inward(sent, "req_1"))[:-1] == ["authorization", "idempotency-key", "if-match", "content-length"]


def test_only_named_headers_go_outward() -> None:
    sent = [
        (b"ETag", b'"1"'),
        (b"Content-Type", b"application/json"),
        (b"Server", b"uvicorn"),
        (b"X-Powered-By", b"x"),
        (b"Set-Cookie", b"a=b"),
        (b"Transfer-Encoding", b"chunked"),
        (b"X-Request-Id", b"inner"),
        (b"Date", b"now"),
        (b"OpenItem-More", b"true"),
    ]

    assert outward(sent) == [(b"etag", b'"1"'), (b"content-type", b"application/json"), (b"openitem-more", b"true")]


def test_what_keeps_a_browser_from_running_a_file_goes_outward() -> None:
    sent = [(b"X-Content-Type-Options", b"nosniff"), (b"Content-Security-Policy", b"sandbox")]

    assert outward(sent) == [(b"x-content-type-options", b"nosniff"), (b"content-security-policy", b"sandbox")]
