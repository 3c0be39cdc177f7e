"""camt.053 in every version: parties, batches, reversals, days, totals, and XML that means harm."""

from datetime import date
from decimal import Decimal

import pytest

from cashapp_service.bank_statements.domain import BankStatement, StatementEntry, read

VERSIONS = [f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}" for version in range(1, 15)]


def balance(code: str, amount: str, *, currency: str = "EUR", day: str = "2026-03-02") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def movement(amount: str = "10.00", *, inner: str = "", sign: str = "CRDT", details: str = "") -> str:
    return (
        f"<Ntry><NtryRef>N1</NtryRef><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{inner}"
        "<BookgDt><DtTm>2026-03-02T13:15:00+01:00</DtTm></BookgDt><ValDt><Dt>2026-03-03</Dt></ValDt>"
        "<AcctSvcrRef>BANK77</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd>"
        f"</Fmly></Domn></BkTxCd><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def document(*parts: str, namespace: str = VERSIONS[7], closing: str = "110.00", number: str = "7") -> bytes:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns='{namespace}'><BkToCstmrStmt><GrpHdr/>\n"
        f"<Stmt><Id>S1</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        + balance("OPBD", "100.00", day="2026-03-01")
        + balance("CLBD", closing)
        + "\n".join(parts)
        + "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def statement(*parts: str, closing: str = "110.00") -> BankStatement:
    parsed = read(document(*parts, closing=closing))
    assert parsed.errors == ()
    return parsed.statements[0]


def entry(*parts: str, closing: str = "110.00") -> StatementEntry:
    (found,) = statement(*parts, closing=closing).entries
    return found


DETAILS = (
    "<TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs><RltdPties>{debtor}<DbtrAcct><Id><IBAN>NL21 BASN 0272</IBAN></Id>"
    "</DbtrAcct><Cdtr><Nm>Us</Nm></Cdtr><CdtrAcct><Id><Othr><Id>4711</Id></Othr></Id></CdtrAcct></RltdPties>"
    "<RmtInf><Ustrd>Invoice 17</Ustrd><Ustrd>and 18</Ustrd><Strd><RfrdDocInf><Nb>RE-19</Nb></RfrdDocInf>"
    "<CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
)


def batch(*amounts: str, currency: str = "EUR") -> str:
    return "".join(
        f"<TxDtls><Refs><EndToEndId>E{number}</EndToEndId></Refs><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>RE-{number}</Ustrd></RmtInf></TxDtls>"
        for number, amount in enumerate(amounts, start=1)
    )


@pytest.mark.parametrize("namespace", [*VERSIONS, ""])
def test_every_version_is_read_alike(namespace: str) -> None:
    (found,) = read(document(movement(), namespace=namespace)).statements
    assert (found.account, found.number, found.currency) == ("DE89370400440532013000", "7", "EUR")
    assert (found.opening_balance, found.opening_date) == (Decimal("100.00"), date(2026, 3, 1))
    assert (found.closing_balance, found.closing_date) == (Decimal("110.00"), date(2026, 3, 2))
    assert found.proved


@pytest.mark.parametrize("debtor", ["<Dbtr><Nm>ACME GmbH</Nm></Dbtr>", "<Dbtr><Pty><Nm>ACME GmbH</Nm></Pty></Dbtr>"])
def test_the_payer_and_all_remittance_are_found_in_old_and_new_places(debtor: str) -> None:
    found = entry(movement(details=DETAILS.format(debtor=debtor)))
    assert (found.payer_name, found.payer_account) == ("ACME GmbH", "NL21BASN0272")
    assert found.purpose == "Invoice 17 and 18 RE-19 RF18539007547034"
    assert (found.customer_reference, found.bank_reference) == ("E2E-1", "BANK77")
    assert found.transaction_code == "PMNT/RCDT/ESCT"
    assert (found.booking_date, found.value_date) == (date(2026, 3, 2), date(2026, 3, 3))


def test_the_other_party_of_a_debit_is_the_creditor() -> None:
    found = entry(movement(sign="DBIT", details=DETAILS.format(debtor="")), closing="90.00")
    assert (found.amount, found.payer_name, found.payer_account) == (Decimal("-10.00"), "Us", "4711")


def test_a_reversed_credit_takes_money_away_and_still_names_who_had_paid() -> None:
    debtor = "<Dbtr><Nm>ACME</Nm></Dbtr>"
    reversed_credit = movement(sign="DBIT", inner="<RvslInd>true</RvslInd>", details=DETAILS.format(debtor=debtor))
    found = entry(reversed_credit, closing="90.00")
    assert (found.amount, found.reversal, found.payer_name) == (Decimal("-10.00"), True, "ACME")


def test_a_batch_becomes_one_entry_per_transaction_where_the_amounts_agree() -> None:
    found = statement(movement(details=batch("4.00", "6.00")), movement("1.00"), closing="111.00")
    assert [(one.position, one.amount, one.purpose) for one in found.entries] == [
        (1, Decimal("4.00"), "RE-1"),
        (2, Decimal("6.00"), "RE-2"),
        (3, Decimal("1.00"), ""),
    ]


@pytest.mark.parametrize("details", [batch("4.00", "5.99"), batch("4.00", "6.00", currency="USD")])
def test_a_batch_whose_amounts_do_not_agree_stays_one_entry_with_all_its_texts(details: str) -> None:
    found = entry(movement(details=details))
    assert (found.amount, found.purpose, found.customer_reference) == (Decimal("10.00"), "RE-1 RE-2", None)


def test_pending_entries_are_not_taken_and_not_counted() -> None:
    pending = movement("55.00", inner="<Sts><Cd>PDNG</Cd></Sts>")
    found = entry(movement(inner="<Sts>BOOK</Sts>"), pending)
    assert found.amount == Decimal("10.00")


def test_trailing_zeros_are_no_decimals() -> None:
    assert entry(movement("10.00000")).amount == Decimal("10.00")


def test_a_statement_without_balances_is_taken_but_not_proved() -> None:
    data = document(movement()).replace(b"OPBD", b"INFO").replace(b"CLBD", b"CLAV")
    (found,) = read(data).statements
    assert (found.proved, found.opening_balance, found.closing_date) == (False, None, None)
    assert found.entries[0].amount == Decimal("10.00")


def test_interim_balances_stand_in_on_a_page_between() -> None:
    data = document(movement()).replace(b"OPBD", b"ITBD").replace(b"CLBD", b"ITBD")
    assert read(data).statements[0].proved


def test_a_statement_whose_total_fails_is_refused_and_the_next_one_taken() -> None:
    bad = document(movement("10.01")).decode()
    good = document(movement(), number="8").decode()
    both = bad.replace("</BkToCstmrStmt></Document>", good[good.index("<Stmt>") :])
    parsed = read(both.encode())
    assert [found.number for found in parsed.statements] == ["8"]
    assert "closing balance is stated as 110.00 EUR, but the lines come to 110.01 EUR" in parsed.errors[0].message


@pytest.mark.parametrize(
    ("summary", "total"),
    [
        ("<TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries>", "number of entries (<TtlNtries>)"),
        ("<TtlNtries><NbOfNtries>0</NbOfNtries></TtlNtries>", "number of entries (<TtlNtries>)"),
        ("<TtlCdtNtries><Sum>9.99</Sum></TtlCdtNtries>", "sum of entries (<TtlCdtNtries>)"),
        ("<TtlDbtNtries><NbOfNtries>1</NbOfNtries></TtlDbtNtries>", "number of entries (<TtlDbtNtries>)"),
    ],
)
def test_the_statements_own_summary_must_hold(summary: str, total: str) -> None:
    parsed = read(document(f"<TxsSummry>{summary}</TxsSummry>", movement()))
    assert parsed.statements == ()
    assert total in parsed.errors[0].message


def test_a_summary_that_holds_is_no_obstacle() -> None:
    summary = (
        "<TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries><Sum>10</Sum></TtlNtries>"
        "<TtlDbtNtries><NbOfNtries>00</NbOfNtries><Sum>0</Sum></TtlDbtNtries></TxsSummry>"
    )
    assert statement(summary, movement()).proved


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (movement("12..34"), "'12..34' is not an amount"),
        (movement("1e3"), "is not an amount"),
        (movement("NaN"), "is not an amount"),
        (movement("٣"), "is not an amount"),
        (movement("-1.00"), "is not an amount"),
        (movement("9" * 5_000), "more digits"),
        (movement("0.001"), "more decimals"),
        (movement(sign="CREDIT"), "wanted is CRDT or DBIT"),
        (movement().replace("'EUR'", "'USD'"), "is in USD, the account is in EUR"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named_and_never_read_as_zero(broken: str, why: str) -> None:
    parsed = read(document("\n", broken, closing="100.00"))
    assert any(why in error.message and error.line == 5 for error in parsed.errors)
    assert all(not found.entries and not found.proved for found in parsed.statements)


def test_an_entry_on_a_day_in_another_age_is_left_out() -> None:
    parsed = read(document(movement().replace("2026-03-03", "9999-12-31"), closing="110.00"))
    assert "9999-12-31" in parsed.errors[0].message
    assert "not one on which anything is booked" in parsed.errors[0].message
    assert parsed.statements[0].entries == ()


def test_an_entry_on_a_day_that_does_not_exist_is_left_out() -> None:
    parsed = read(document(movement().replace("2026-03-03", "2026-02-30"), movement("1.00"), closing="111.00"))
    assert "'2026-02-30' (<ValDt>) does not exist" in parsed.errors[0].message
    (found,) = parsed.statements
    assert [(one.position, one.amount) for one in found.entries] == [(2, Decimal("1.00"))]
    assert not found.proved


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "utf-8-sig"])
def test_declared_encodings_are_respected(encoding: str) -> None:
    details = "<TxDtls><RmtInf><Ustrd>Überweisung Müller</Ustrd></RmtInf></TxDtls>"
    text = document(movement(details=details)).decode().replace("UTF-8", encoding.removesuffix("-sig"))
    assert read(text.encode(encoding)).statements[0].entries[0].purpose == "Überweisung Müller"


@pytest.mark.parametrize(
    "dtd",
    [
        "<!DOCTYPE Document [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>",
        "<!DOCTYPE Document [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE Document SYSTEM 'http://127.0.0.1:9/x.dtd'>",
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(dtd: str) -> None:
    data = document(movement()).decode().replace("<Document", dtd + "<Document", 1)
    parsed = read(data.encode())
    assert parsed.statements == ()
    assert "DOCTYPE" in parsed.errors[0].message


def test_a_truncated_document_names_the_line_where_it_breaks() -> None:
    data = document(movement(), "\n", movement())
    parsed = read(data[: len(data) // 2])
    assert parsed.statements == ()
    assert parsed.errors[0].line == 3
    assert "not well-formed" in parsed.errors[0].message
