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


@value(frozen=True, slots=True, kw_only=True)
class Label:
    text: str
    size: int = 1


def test_a_value_of_named_fields_changes_as_well() -> None:
    assert changed(Label(text="fragile"), size=2) == Label(text="fragile", size=2)


def test_a_field_that_the_value_does_not_have_is_refused() -> None:
    with pytest.raises(AttributeError):
        changed(Parcel(3, "Bern"), colour="red")
