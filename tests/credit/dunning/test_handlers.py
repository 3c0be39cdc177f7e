"""How far a customer is dunned reaches the account, whatever order the events come in."""

from itertools import permutations

from shared.unit_of_work import Units
from tests.credit.conduct import deliver, deliver_together, notice
from tests.credit.desk import CreditDesk
from tests.credit.ledger import invoice
from tests.credit.policies import put_rule


async def level(desk: CreditDesk, customer_id: str = "C-1") -> int:
    return int((await desk.credit(customer_id))["dunning_level"])


async def test_the_level_is_the_highest_of_an_item_that_is_open(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    high, low = invoice("1", "C-1", "10.00"), invoice("2", "C-1", "10.00")
    await deliver(units, high.event(), low.event(), notice("1", "C-1", {"1": 3, "2": 1}))
    before = await level(desk)

    await deliver(units, high.now("0").event(kind="payment"))

    assert (before, await level(desk)) == (3, 1)


async def test_an_item_that_is_open_again_counts_again(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "10.00")
    paid = item.now("0")
    await deliver(units, item.event(), notice("1", "C-1", {"1": 2}), paid.event(kind="payment"))
    before = await level(desk)

    await deliver(units, paid.now("10.00").event(kind="reversal"))

    assert (before, await level(desk)) == (0, 2)


async def test_a_part_payment_leaves_the_level(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "10.00")

    await deliver(units, item.event(), notice("1", "C-1", {"1": 2}), item.now("0.01").event(kind="payment"))

    assert await level(desk) == 2


async def test_levels_converge_in_any_order_twice_and_late(desk: CreditDesk, units: Units) -> None:
    for number, order in enumerate(permutations(range(3))):
        customer, item = f"C-{number}", f"{number}"
        await desk.customer(customer, limit=None)
        due, other = invoice(item, customer, "10.00"), invoice(f"{item}b", customer, "10.00")
        story = [
            notice(f"{number}a", customer, {item: 1, f"{item}b": 2}),
            notice(f"{number}b", customer, {item: 3}),
            due.now("0").event(kind="payment"),
        ]
        mine = [story[place] for place in order]

        await deliver(units, other.event(), *mine[:2])
        await deliver_together(units, [due.event(), *mine[2:], mine[0]])

        assert await level(desk, customer) == 2


async def test_an_item_that_was_not_told_yet_counts_as_open(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")

    await deliver(units, notice("1", "C-1", {"1": 2}))

    assert await level(desk) == 2


async def test_what_was_told_before_the_customer_was_put_counts_from_then_on(desk: CreditDesk, units: Units) -> None:
    await deliver(units, notice("1", "C-1", {"1": 2}))

    await desk.customer("C-1")

    assert await level(desk) == 2


async def test_a_payment_of_the_dunned_item_releases_what_its_level_held(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await put_rule(desk, rule="max_dunning_level", max_level=1)
    item = invoice("1", "C-1", "10.00")
    await deliver(units, item.event(), notice("1", "C-1", {"1": 2}))
    held = (await desk.check("C-1", "SO-1", "100.00")).json()

    await deliver(units, item.now("0").event(kind="payment"))

    assert [reason["rule"] for reason in held["reasons"]] == ["max_dunning_level"]
    assert (await desk.order("SO-1"))["status"] == "released"
