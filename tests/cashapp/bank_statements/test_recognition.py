"""Which format a file is in is told from its content, and anything else is refused in a sentence."""

import pytest

from cashapp_service.bank_statements.domain import (
    FileFormat,
    UnknownFormatError,
    UnsupportedFormatError,
    read,
    recognise,
)

MT942 = b":20:X\r\n:25:PL1\r\n:28C:1/1\r\n:34F:PLN0,\r\n:61:1701190119CN0,01NTRFNONREF\r\n:90D:0PLN0,00\r\n-"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b":20:X\n:25:1\n:60F:C200101EUR1,\n:62F:C200101EUR1,\n-", FileFormat.MT940),
        (b"{1:F01X}{4:\r\n:20:X\r\n:25:1\r\n:28C:1", FileFormat.MT940),
        (b"@@:20:X@@:25:1@@:60F:C200101EUR1,@@", FileFormat.MT940),
        (":20:X\n:25:1\n:60F:C200101EUR1,".encode("utf-16"), FileFormat.MT940),
        (MT942, FileFormat.MT942),
        (b"<Document><BkToCstmrStmt><Stmt/></BkToCstmrStmt></Document>", FileFormat.CAMT_053),
        (b"<n:Document xmlns:n='u'><n:BkToCstmrStmt><n:Stmt/>", FileFormat.CAMT_053),
        ("<?xml version='1.0'?><Document><BkToCstmrStmt>".encode("utf-16"), FileFormat.CAMT_053),
        (b"<Document><BkToCstmrAcctRptV01>", FileFormat.CAMT_052),
        (b"<Document><BkToCstmrDbtCdtNtfctn>", FileFormat.CAMT_054),
    ],
)
def test_a_format_is_told_from_the_content(data: bytes, expected: FileFormat) -> None:
    assert recognise(data, "any.name") is expected


@pytest.mark.parametrize("data", [b"", b"  \r\n", b"\0\0\0", b"date;amount\n2026-01-01;1", b"<html/>", b"PK\x03\x04"])
def test_what_is_no_statement_is_refused_by_name_with_the_remedy(data: bytes) -> None:
    with pytest.raises(UnknownFormatError, match=r"'march\.sta'.*Send MT940 or camt\.053"):
        recognise(data, "march.sta")


@pytest.mark.parametrize("data", [MT942, b"<Document><BkToCstmrAcctRpt>", b"<Document><BkToCstmrDbtCdtNtfctn>"])
def test_interim_reports_are_recognised_and_not_taken_for_statements(data: bytes) -> None:
    with pytest.raises(UnsupportedFormatError, match="not yet supported as a statement"):
        read(data)
