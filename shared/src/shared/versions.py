"""Versions of a resource: 1, 2, 3 …, shown as `ETag` and asked for with `If-Match`."""

from shared.errors import StaleError


class StaleVersionError(StaleError):
    """The caller changes a version that is no longer the present one."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"You changed version {expected}, the present one is {actual}: read it again and repeat.")


def ensure_fresh(expected: int | None, actual: int) -> None:
    """Raise `StaleVersionError` where the caller named a version and it is not the present one."""
    if expected is not None and expected != actual:
        raise StaleVersionError(expected, actual)
