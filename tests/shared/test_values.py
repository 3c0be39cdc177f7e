from dataclasses import replace

import pytest

from shared.values import changed, value


@value(frozen=True, slots=True)
class Parcel:
    weight: int
    to: str
    tags: tuple[str, ...] = ()


def test_a_changed_value_is_what_replace_gives_and_leaves_the_first_as_it_was() -> None:
    parcel = Parcel(3, "Bern", ("fragile",))

    assert changed(parcel, weight=4, tags=()) == replace(parcel, weight=4, tags=()) == Parcel(4, "Bern")
    assert parcel == Parcel(3, "Bern", ("fragile",))


def test_a_field_that_the_value_does_not_have_is_refused() -> None:
    with pytest.raises(AttributeError):
        changed(Parcel(3, "Bern"), colour="red")
