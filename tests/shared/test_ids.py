from shared.ids import new_id


def test_identifiers_sort_by_the_order_in_which_they_were_made() -> None:
    made = [new_id("rcp") for _ in range(10_000)]

    assert made == sorted(set(made))
