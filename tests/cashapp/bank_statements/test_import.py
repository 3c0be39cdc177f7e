from tests.cashapp.driver import Cashapp, mt940


async def test_a_credit_that_names_its_invoice_is_applied_by_itself(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    job = await cashapp.imported(mt940("C1000,NTRFNONREF//B1|RE-2026-00017", "C5,NTRFNONREF//B2|thank you"))

    assert job["status"] == "succeeded", job
    assert job["result"] | {"statements": None} == {
        "format": "mt940",
        "lines": 2,
        "created": 2,
        "duplicates": 0,
        "rejected": 0,
        "auto_applied": 1,
        "unapplied": 0,
        "unidentified": 1,
        "statements": None,
    }
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    assert await cashapp.violations() == []


async def test_the_same_file_again_creates_nothing(cashapp: Cashapp) -> None:
    content = mt940("C1000,NTRFNONREF//B1|RE-2026-00017", "C5,NTRFNONREF//B2|thank you")
    await cashapp.imported(content)

    again = await cashapp.imported(content)

    assert (again["result"]["created"], again["result"]["duplicates"]) == (0, 2)
    assert await cashapp.violations() == []
