"""Identifiers of OpenItem's own resources: a short type prefix and a UUIDv7, such as `rcp_01890a5d-…`."""

from uuid_utils import uuid7


def new_id(prefix: str) -> str:
    """Return a new identifier; identifiers sort by the time they were made (RFC 9562, section 5.7)."""
    return f"{prefix}_{uuid7()!s}"
