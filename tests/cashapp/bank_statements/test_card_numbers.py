"""Card numbers in bank files are masked before anything is kept, and the report says where."""

import asyncpg

from tests.cashapp.driver import Cashapp, mt940

NUMBER = "4111111111111111"


async def test_a_card_number_in_a_bank_file_is_kept_nowhere_and_reported(
    cashapp: Cashapp, cashapp_database: str
) -> None:
    whole = f"C100,NTRFNONREF//1|166?20KARTE {NUMBER}?32NORDLICHT"
    parted = "C200,NTRFNONREF//2|166?20KARTE 41111111?2111111111?32NORDLICHT"
    spaced = f"C300,NTRF{NUMBER}//{NUMBER}|KARTE 4111 1111 1111 1111"

    job = await cashapp.imported(mt940(whole, parted, spaced))

    assert job["status"] == "succeeded"
    assert job["result"]["created"] == 3
    assert [error["line"] for error in job["errors"]] == [6, 8, 9, 10]
    (statement,) = job["result"]["statements"]
    entries = (await cashapp.get(f"/v1/statements/{statement['id']}/entries"))["data"]
    assert all("1111" in one["purpose"] and NUMBER not in one["purpose"].replace(" ", "") for one in entries)
    # The bank's own reference may look like one: the entry is known by it.
    assert entries[2]["bank_reference"] == NUMBER
    connection = await asyncpg.connect(cashapp_database)
    payload = bytes(await connection.fetchval("select payload from jobs"))
    await connection.close()
    assert payload.count(NUMBER.encode()) == 1


async def test_the_same_file_with_card_numbers_twice_creates_nothing(cashapp: Cashapp) -> None:
    content = mt940(f"C100,NTRFNONREF//1|KARTE {NUMBER}")
    await cashapp.imported(content)

    again = await cashapp.imported(content)

    assert (again["result"]["created"], again["result"]["duplicates"]) == (0, 1)


async def test_a_card_number_that_shows_only_once_it_is_read_is_masked(cashapp: Cashapp) -> None:
    entry = "<Ustrd>Karte 4111 1111</Ustrd><Ustrd>1111 1111</Ustrd>"
    file = f"""<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Id><IBAN>DE1</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-20</Dt></BookgDt>
<ValDt><Dt>2026-03-20</Dt></ValDt><NtryDtls><TxDtls><RmtInf>{entry}</RmtInf></TxDtls></NtryDtls></Ntry></Stmt>
</BkToCstmrStmt></Document>"""

    job = await cashapp.imported(file.encode())

    assert (job["status"], job["result"]["created"]) == ("succeeded", 1), job
    assert [(error["position"], error["statement"]) for error in job["errors"]] == [(1, "1")]
    (receipt,) = (await cashapp.get("/v1/receipts"))["data"]
    assert receipt["purpose"] == "Karte **** **** **** 1111"
