"""Which checks share a round, and what is said where no check is possible."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from credit_service.check_rounds.domain import HOLD, CheckAsk, PoliciesRead, rounds
from credit_service.credit_policies.domain import Policy, PolicyContent, WhenUnavailable
from shared.answers import KeyedRequest

ASK = CheckAsk("SO-1", "C-1", Decimal(1), "EUR", None, "order", False, date(2026, 3, 2), "erp")


def ask(order_id: str, key: str | None = None) -> CheckAsk:
    return replace(ASK, order_id=order_id, request=KeyedRequest("erp", key, "x") if key else None)


@pytest.mark.parametrize(
    ("asks", "expected"),
    [
        ([], []),
        ([ask("1"), ask("2"), ask("3")], [[0, 1, 2]]),
        ([ask("1"), ask("1"), ask("2"), ask("1")], [[0, 2], [1], [3]]),
        ([ask("1", "a"), ask("2", "a"), ask("3", "b")], [[0, 2], [1]]),
        # An order must not pass another round of itself because of its key.
        ([ask("1"), ask("1", "a"), ask("2", "a"), ask("2")], [[0], [1], [2], [3]]),
    ],
)
def test_no_order_and_no_key_is_twice_in_a_round(asks: list[CheckAsk], expected: list[list[int]]) -> None:
    assert rounds(asks) == expected


def ship_below(amount: str, currency: str = "EUR") -> WhenUnavailable:
    return WhenUnavailable.model_validate({"action": "ship_below", "amount": amount, "currency": currency})


def read(**advice: WhenUnavailable) -> PoliciesRead:
    """Return what a process knows that has seen one customer of each risk class."""
    policies = PoliciesRead()
    for risk_class, said in advice.items():
        content = PolicyContent(rules=[], when_unavailable=said)
        policies.versions[risk_class, 1] = Policy(risk_class=risk_class, version=1, content=content)
        policies.see(f"C-{risk_class}", (risk_class, 1))
    return policies


@pytest.mark.parametrize(
    ("customers", "expected"),
    [
        (["C-A"], ship_below("500.00")),
        (["C-A", "C-B"], ship_below("100.00")),
        (["C-A", "C-A"], ship_below("500.00")),
        (["C-A", "C-E"], HOLD),
        (["C-A", "C-D"], HOLD),  # amounts in two currencies cannot be told apart without a rate
        (["C-A", "nobody"], HOLD),
        (["nobody"], HOLD),
        ([], HOLD),
    ],
)
def test_the_strictest_advice_of_the_customers_is_given(customers: list[str], expected: WhenUnavailable) -> None:
    policies = read(A=ship_below("500.00"), B=ship_below("100.00"), D=ship_below("100.00", "USD"), E=HOLD)

    assert policies.advice(customers) == expected


def test_customers_beyond_what_is_remembered_get_the_safest_advice() -> None:
    policies = read(A=ship_below("500.00"))
    policies.customers_max = 1
    policies.see("C-2", ("A", 1))

    assert (policies.advice(["C-A"]), policies.advice(["C-2"])) == (HOLD, ship_below("500.00"))
