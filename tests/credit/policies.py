"""Credit policies for tests."""

from typing import Any

from tests.credit.desk import CreditDesk


async def put_rule(desk: CreditDesk, *, risk_class: str = "C", held_orders_reserve: bool = False, **rule: Any) -> None:
    """Add a rule that holds at the checkpoint `order` to the policy of a risk class."""
    path = f"/v1/credit-policies/{risk_class}"
    present = await desk.ask("credit_manager", "GET", path)
    content = {
        name: value for name, value in present.items() if name in {"rules", "small_value_below", "held_orders_reserve"}
    }
    content["rules"] = [*content["rules"], {"checkpoints": ["order"], "reaction": "hold", **rule}]
    content["held_orders_reserve"] = held_orders_reserve
    await desk.ask("credit_manager", "PUT", path, json=content)
