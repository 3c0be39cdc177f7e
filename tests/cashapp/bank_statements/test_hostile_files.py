"""Whatever the bytes: a parsed file or one of the two declared refusals, soon."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cashapp_service.bank_statements.domain import UnknownFormatError, UnsupportedFormatError, read
from tests.cashapp.bank_statements.test_camt053 import document, movement
from tests.cashapp.bank_statements.test_mt940 import message

MT940 = message(":61:2603020302D10,00NTRFRE-17//B1", "more", ":86:166?20EREF+E1?21SVWZ+RE-17?31DE1?32Name")
CAMT = document(movement(details="<TxDtls><RmtInf><Ustrd>RE-17</Ustrd></RmtInf></TxDtls>"))
HEAD = b":20:x\n:25:y\n:60F:C200101EUR1,\n"
TAIL = b"\n:62F:C200101EUR1,\n-"


def swallow(data: bytes) -> None:
    try:
        parsed = read(data, "hostile")
    except (UnknownFormatError, UnsupportedFormatError):
        return
    assert parsed.statements or parsed.errors
    texts = [entry.purpose for statement in parsed.statements for entry in statement.entries]
    assert not any("\0" in text for text in texts)


@given(st.binary(max_size=400))
@settings(max_examples=150, print_blob=True, deadline=None)
def test_any_bytes_are_refused_politely(data: bytes) -> None:
    swallow(data)


@given(st.sampled_from([MT940, CAMT]), st.data())
@settings(max_examples=300, print_blob=True, deadline=None)
def test_any_damage_to_a_good_file_is_refused_politely(good: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(good)))
    end = draw.draw(st.integers(start, min(len(good), start + 40)))
    swallow(good[:start] + draw.draw(st.binary(max_size=12)) + good[end:])


@given(st.text(alphabet=":/?+-@CDR0123456789,. EURSVWZFMIBANODTY\r\n", max_size=300))
@settings(max_examples=300, print_blob=True, deadline=None)
def test_any_text_after_the_tags_is_refused_politely(text: str) -> None:
    swallow(HEAD + b":61:2001010101C0,NTRFNONREF\n:86:" + text.encode() + TAIL)
    swallow(HEAD + b":61:" + text.encode() + TAIL)


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 20_000,
        b":20:x\n:25:y\n" + b"A" * 5_000_000,
        b":20:x\n:25:y\n" * 200_000,
        HEAD + b":61:2001010101C0,NTRFNONREF\n:86:/REMI/" + b"/" * 5_000_000 + TAIL,
        HEAD + b":61:2001010101C0,NTRFNONREF\n:86:OD:TYT.:" + b"          IBAN:" * 350_000 + TAIL,
        HEAD + b":61:2001010101C0,NTRFNONREF\n:86:166?20" + b"SVWZ+" * 1_000_000 + TAIL,
        HEAD + b":61:2001010101C0,NTRFNONREF\n:86:" + b"\n" * 5_000_000 + TAIL,
        HEAD + b":61:2001010101C" + b"9" * 5_000_000 + TAIL,
        HEAD + b":61:2001010101C" + b" " * 5_000_000 + TAIL,
        b"<Document><BkToCstmrStmt>" + b"<Stmt>" * 800_000,
        b"<Document><BkToCstmrStmt><Stmt>" + b"<Ntry/>" * 700_000 + b"</Stmt></BkToCstmrStmt></Document>",
        b"\0" * 5_000_000,
    ],
    ids=range(12),
)
def test_five_megabytes_of_junk_are_refused_politely(data: bytes) -> None:
    swallow(data)
