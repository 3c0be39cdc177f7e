from datetime import date

import pytest

from dispute_service.disputes.domain.reason import FAMILIES, ReasonFamily, due_on, family_of, well_formed_or_other


@pytest.mark.parametrize(
    ("reason_code", "family"),
    [
        ("price", "price"),
        ("short-shipment", "quantity"),
        ("missing_pod", "missing_proof_of_delivery"),
        ("rebate", "promotion"),
        ("k17", "other"),
    ],
)
def test_a_code_belongs_to_its_family_and_an_unknown_one_to_other(reason_code: str, family: str) -> None:
    assert family_of(reason_code).name == family


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_case_is_due_so_many_days_after_it_was_opened_as_its_family_says(family: ReasonFamily) -> None:
    opened_on = date(2026, 2, 27)

    assert (due_on(family.name, opened_on) - opened_on).days == family.days_to_answer


@pytest.mark.parametrize(
    ("told", "kept"), [("PRICE", "price"), ("no code!", "other"), ("", "other"), ("x" * 41, "other")]
)
def test_a_reason_that_came_with_a_payment_never_stands_in_the_way(told: str, kept: str) -> None:
    assert well_formed_or_other(told) == kept
