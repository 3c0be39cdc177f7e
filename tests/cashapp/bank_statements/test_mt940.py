"""MT940 as banks write it: signs, days, references, the four kinds of :86:, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest

from cashapp_service.bank_statements.domain import BankStatement, LineError, ParsedFile, StatementEntry, read

OPENING = Decimal("100.00")


def message(*lines: str, closing: str = "C260302EUR90,00", account: str = "NL91ABNA0417164300") -> bytes:
    head = [":20:STARTUMS", f":25:{account}", ":28C:7/1", ":60F:C260301EUR100,00"]
    return "\r\n".join([*head, *lines, f":62F:{closing}", "-", ""]).encode()


def statement(*lines: str, closing: str = "C260302EUR90,00") -> BankStatement:
    parsed = read(message(*lines, closing=closing))
    assert parsed.errors == ()
    return parsed.statements[0]


def entry(*lines: str, closing: str = "C260302EUR90,00") -> StatementEntry:
    return statement(*lines, closing=closing).entries[0]


def errors(data: bytes) -> tuple[LineError, ...]:
    parsed = read(data)
    assert all(not found.proved for found in parsed.statements)
    return parsed.errors


def test_a_statement_carries_account_number_currency_and_both_balances() -> None:
    found = statement(":61:2603020302D10,00NTRFNONREF")
    assert (found.account, found.number, found.currency) == ("NL91ABNA0417164300", "7/1", "EUR")
    assert (found.opening_balance, found.opening_date) == (Decimal("100.00"), date(2026, 3, 1))
    assert (found.closing_balance, found.closing_date) == (Decimal("90.00"), date(2026, 3, 2))
    assert found.proved


@pytest.mark.parametrize(
    ("mark", "closing", "amount", "reversal"),
    [
        ("C", "C260302EUR112,50", "12.50", False),
        ("D", "C260302EUR87,50", "-12.50", False),
        ("RC", "C260302EUR87,50", "-12.50", True),
        ("RD", "C260302EUR112,50", "12.50", True),
        ("CR", "C260302EUR112,50", "12.50", False),
        ("RDR", "C260302EUR112,50", "12.50", True),
        ("RCR", "C260302EUR87,50", "-12.50", True),
    ],
)
def test_a_reversal_counts_against_its_mark_and_a_funds_code_does_not(
    mark: str, closing: str, amount: str, reversal: bool
) -> None:
    found = entry(f":61:2603020302{mark}12,5NTRFNONREF", closing=closing)
    assert (found.amount, found.reversal) == (Decimal(amount), reversal)


@pytest.mark.parametrize(
    ("days", "value_date", "booking_date"),
    [
        ("2603020303", date(2026, 3, 2), date(2026, 3, 3)),
        ("260302", date(2026, 3, 2), date(2026, 3, 2)),
        ("260302    ", date(2026, 3, 2), date(2026, 3, 2)),
        ("2512311230", date(2025, 12, 31), date(2025, 12, 30)),
        ("2512310102", date(2025, 12, 31), date(2026, 1, 2)),
        ("2601011231", date(2026, 1, 1), date(2025, 12, 31)),
        ("991231", date(1999, 12, 31), date(1999, 12, 31)),
    ],
)
def test_an_entry_date_is_in_the_year_nearest_to_the_value_date(
    days: str, value_date: date, booking_date: date
) -> None:
    found = entry(f":61:{days}D10,00NTRFNONREF")
    assert (found.value_date, found.booking_date) == (value_date, booking_date)


def test_a_day_that_does_not_exist_is_a_line_error_and_the_rest_is_taken() -> None:
    parsed = read(message(":61:2602300302D6,00N024NONREF", ":61:2603020302D4,00N024NONREF"))
    assert parsed.errors == (LineError(5, "The entry was left out: the day 2026-02-30 does not exist."),)
    (found,) = parsed.statements
    assert [(one.position, one.amount) for one in found.entries] == [(2, Decimal("-4.00"))]
    assert not found.proved


@pytest.mark.parametrize(
    ("rest", "code", "ours", "theirs"),
    [
        ("NTRFRE-1001//BANK77", "NTRF", "RE-1001", "BANK77"),
        ("NTRFNONREF//BANK77", "NTRF", None, "BANK77"),
        ("NOV NONREF", "NOV", None, None),
        ("NOVBNL47INGB9999999999", "NOVB", "NL47INGB9999999999", None),
        ("N0620266050522      Arvato Fin Serv Ltd", "N062", "0266050522", None),
        ("FMSCNOREF", "FMSC", None, None),
        ("", None, None, None),
    ],
)
def test_references_of_any_length_are_read(rest: str, code: str | None, ours: str | None, theirs: str | None) -> None:
    found = entry(f":61:2603020302D10,00{rest}")
    assert (found.transaction_code, found.customer_reference, found.bank_reference) == (code, ours, theirs)


def test_german_subfields_give_purpose_name_account_and_reference() -> None:
    found = entry(
        ":61:2603020302D10,00NTRFKREF+//0724",
        ":86:166?00GUTSCHRIFT?100399?20EREF+E2E-4711?21KREF+K1?22SVWZ+Rechnung RE-2024-0001",
        "7 vom 01.?2302.2026?24danke?30PBNKDEFF100?31DE42100100100043921105?32Richter Renate und So",
        "hne e?33V i.G.?34914",
    )
    assert found.purpose == "Rechnung RE-2024-00017 vom 01.02.2026 danke"
    assert found.payer_name == "Richter Renate und Sohne e V i.G."
    assert found.payer_account == "DE42100100100043921105"
    assert found.customer_reference == "E2E-4711"


def test_a_full_german_subfield_runs_on_into_the_next_one() -> None:
    found = entry(
        ":61:2603020302D10,00NMSCNONREF",
        ":86:166?20SVWZ+Zweite SEPA-Ueberweisu?21ng RE-17",
    )
    assert found.purpose == "Zweite SEPA-Ueberweisung RE-17"


def test_a_domestic_account_is_named_with_its_bank() -> None:
    found = entry(":61:2603020302D10,00NMSCNONREF", ":86:051?20Gehalt?3010020030?31234567?32MUELLER")
    assert found.payer_account == "10020030/234567"


def test_code_words_are_read_even_where_a_line_breaks_them() -> None:
    found = entry(
        ":61:2603020302D10,00NDDTEREF//15069021961175",
        ":86:/EREF/400313131313//MARF/2.34567890//CSID/NL11AAA441212121212",
        "//CNTP/NL21BASN0272727272/COBANL2XXXX/T-Mobile Netherlands BV///R",
        "EMI/USTD//Factuurnummer 858585858585//PURP/OTHR/",
    )
    assert found.purpose == "Factuurnummer 858585858585"
    assert (found.payer_name, found.payer_account) == ("T-Mobile Netherlands BV", "NL21BASN0272727272")
    assert found.customer_reference == "400313131313"


def test_the_payers_name_is_not_taken_from_an_ultimate_party() -> None:
    found = entry(
        ":61:2603020302D10,00NTRFEREF//0000",
        "NL08DEUT0319809633",
        ":86:/EREF/NOTPROVIDED/ORDP//NAME/Moerland BV/REMI/Factuur 4/ULTD//NAME/Ander BV",
    )
    assert (found.payer_name, found.payer_account) == ("Moerland BV", "NL08DEUT0319809633")
    assert (found.purpose, found.customer_reference) == ("Factuur 4", None)


def test_labelled_text_is_read() -> None:
    found = entry(
        ":61:2603020302D10,00N654NONREF",
        ":86:SEPA OVERBOEKING                 IBAN: NL56CHAS0101010101",
        "BIC: CHASNL2XXXX                 NAAM: AA GHGHGH NETHERLANDS B.V.",
        "OMSCHRIJVING: 1412DEC 2026",
        "KENMERK: 7541410",
    )
    assert (found.payer_name, found.payer_account) == ("AA GHGHGH NETHERLANDS B.V.", "NL56CHAS0101010101")
    assert found.purpose == "1412DEC 2026 7541410"


def test_plain_text_is_purpose_and_a_repeated_name_is_the_payer() -> None:
    found = entry(
        ":61:2603020302D10,00NOVBNL47INGB9999999999",
        "f. spark bedrijf",
        ":86:NL47INGB9999999999 F. Spark Bedrijf N.V.",
        "   ",
        "factuur   17",
    )
    assert (found.payer_name, found.payer_account) == ("F. Spark Bedrijf N.V.", "NL47INGB9999999999")
    assert (found.purpose, found.customer_reference) == ("factuur 17", None)


def test_details_after_the_closing_balance_belong_to_no_entry() -> None:
    data = message(":61:2603020302D10,00NTRFNONREF").replace(b"\r\n-\r\n", b"\r\n:86:/SUM/1/0/10,00/\r\n-\r\n")
    assert read(data).statements[0].entries[0].purpose == ""


def test_text_that_looks_like_a_tag_stays_text() -> None:
    found = entry(":61:2603020302D10,00NTRFNONREF", ":86:805?20Pauschalen?602017-01-01T13", ":12:11")
    assert found.purpose == "Pauschalen 2017-01-01T13:12:11"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "@@"])
def test_every_kind_of_line_end_is_read(newline: str) -> None:
    data = message(":61:2603020302D10,00NTRFNONREF", ":86:Invoice 17").replace(b"\r\n", newline.encode())
    assert read(data).statements[0].entries[0].purpose == "Invoice 17"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_umlauts_survive_every_encoding_banks_use(encoding: str) -> None:
    text = message(":61:2603020302D10,00NTRFNONREF", ":86:Überweisung Müller").decode()
    assert read(text.encode(encoding)).statements[0].entries[0].purpose == "Überweisung Müller"


def test_swift_blocks_and_control_characters_around_messages_are_ignored() -> None:
    one = message(":61:2603020302D10,00NTRFNONREF", ":86:Invo\x00ice 17").replace(b"\r\n-\r\n", b"\r\n-}{5:}\r\n")
    data = b"\x01{1:F01SNSBNL2AXXXX0000000000}{2:O940}{3:}{4:\r\n" + one + b"\x1a{1:F01}{4:\r\n" + one
    parsed = read(data)
    assert [found.entries[0].purpose for found in parsed.statements] == ["Invoice 17", "Invoice 17"]


def test_a_statement_of_several_pages_opens_and_closes_with_interim_balances() -> None:
    pages = message(":61:2603020302D10,00NTRFNONREF").replace(b":62F:", b":62M:") + message().replace(
        b":60F:C260301EUR100,00", b":60M:C260302EUR90,00"
    )
    parsed = read(pages)
    assert [found.proved for found in parsed.statements] == [True, True]


def test_a_statement_whose_balances_do_not_agree_is_refused_whole_and_says_which_total() -> None:
    good = message(":61:2603020302D10,00NTRFNONREF")
    bad = message(":61:2603020302D10,01NTRFNONREF")
    parsed = read(good + bad)
    assert len(parsed.statements) == 1
    (error,) = parsed.errors
    assert error.line == 13
    assert "closing balance is stated as 90.00 EUR" in error.message
    assert "89.99 EUR" in error.message


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        (message(":61:2603020302D1O,00NTRFNONREF"), 6, "closing balance"),
        (message(":61:2603020302X10,00NTRFNONREF"), 5, "C or D"),
        (message(":61:2603020302D10,001NTRFNONREF"), 5, "more decimals than EUR"),
        (message(":61:2603020302D1234567890123456,00NTRF"), 5, "more digits"),
        (message(closing="C260230EUR100,00"), 5, "2026-02-30 does not exist"),
        (message(closing="C260302XQX100,00"), 5, "not an ISO 4217 currency"),
        (message(closing="C260302USD100,00"), 5, "currency of the opening balance"),
        (message(closing="X260302EUR100,00"), 5, "C or D"),
        (message(closing="C260302EUR100,00", account=""), 1, "no account"),
        (message().replace(b":62F:", b":64:"), 1, "no closing balance"),
        (message().replace(b":60F:", b":64:"), 1, "no opening balance"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line_and_the_reason(data: bytes, line: int, why: str) -> None:
    assert any(error.line == line and why in error.message for error in errors(data))


def test_nothing_is_taken_of_a_file_that_ends_early() -> None:
    whole = message(":61:2603020302D10,00NTRFNONREF", ":86:Invoice 17")
    cut: ParsedFile = read(whole[: whole.index(b":62F:")])
    assert cut.statements == ()
    assert "cut short" in cut.errors[0].message


def test_a_flood_of_errors_is_reported_as_the_first_and_a_count() -> None:
    parsed = read(b":20:x\n:25:y\n" * 1_500)
    assert len(parsed.errors) == 1_001
    assert "500 more errors" in parsed.errors[-1].message
