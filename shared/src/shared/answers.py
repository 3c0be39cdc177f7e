"""What is kept of a request that brought an `Idempotency-Key`, so that the same request gets the same answer again."""

from shared.values import value


@value(frozen=True, slots=True)
class KeyedRequest:
    """One request: whose it is, its key, and the fingerprint that two requests must share to be the same."""

    caller: str
    key: str
    print_: str


@value(frozen=True, slots=True)
class StoredAnswer:
    """The answer given the first time."""

    status: int
    body: bytes
    etag: str | None
