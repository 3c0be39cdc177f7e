import pytest

from gateway.event_log.domain import UnknownEventTypeError, wanted_types

KNOWN = ["item.posted", "item.cleared", "items.odd", "payment.received"]


@pytest.mark.parametrize(
    ("patterns", "types"),
    [
        ("item.posted", ["item.posted"]),
        ("item.*", ["item.cleared", "item.posted"]),
        ("item.*, payment.received", ["item.cleared", "item.posted", "payment.received"]),
        ("*", sorted(KNOWN)),
    ],
)
def test_patterns_name_types(patterns: str, types: list[str]) -> None:
    assert wanted_types(patterns, KNOWN) == types


@pytest.mark.parametrize("patterns", ["", "item", "item.p*", "item.posted,", "Item.posted", "order.*"])
def test_a_pattern_that_names_nothing_is_refused_with_what_there_is(patterns: str) -> None:
    with pytest.raises(UnknownEventTypeError, match=r"item\.posted"):
        wanted_types(patterns, KNOWN)
