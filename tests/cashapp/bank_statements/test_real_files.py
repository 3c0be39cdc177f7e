"""Every MT940 and camt file we have, in place: taken whole where its own totals hold, refused in a sentence else."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from cashapp_service.bank_statements.domain import ParsedFile, UnknownFormatError, UnsupportedFormatError, read

pytestmark = pytest.mark.shared_data

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def _files(kind: str) -> list[Path]:
    notes = ("SOURCE.md", "MANIFEST.tsv")
    found = (path for folder in DATA.glob(f"{kind}-*") for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path.name not in notes and not path.name.startswith("LICENSE"))


MT940_FILES = _files("mt940")
ALL_FILES = MT940_FILES + _files("camt")

# By file: the statements it holds, the entries, and their sum. All of them prove their own balances.
WHOLE = {
    "camt-bankstatementparser/camt.053.001.02.xml": (1, 3, "-64321.50"),
    "camt-bankstatementparser/camt053_multicurrency.xml": (2, 3, "650.26"),
    "camt-bankstatementparser/camt053_no_namespace.xml": (1, 1, "250.00"),
    "camt-genkgo/camt053.v2.multi.statement.xml": (2, 2, "1.85"),
    "camt-oca/test-camt053-no-ntry": (1, 0, "0"),
    "camt-oca/test-camt053-txdtls": (1, 2, "3483.00"),
    "camt-rousseau/business_sample_camt.053.001.04.xml": (1, 3, "-64321.50"),
    "mt940-bankstatementparser/sample.mt940": (1, 2, "1170.25"),
    "mt940-dovadi/abnamro_sepa.txt": (1, 1, "0.01"),
    "mt940-jejik/sns.txt": (2, 2, "-25.00"),
    "mt940-jejik/sparkasse.txt": (2, 2, "-40.00"),
    "mt940-jejik/sparkasse_interim_balance.txt": (3, 2, "-40.00"),
    "mt940-js/ing-1.mta": (1, 3, "-9989.98"),
    "mt940-js/ing-2.mta": (1, 0, "0"),
    "mt940-myflow/date.sta": (1, 1, "-10.40"),
    "mt940-myflow/sample.sta": (1, 4, "-5.90"),
    "mt940-myflow/transactions.sta": (6, 10, "0.00"),
    "mt940-rs/betterplace/sepa_mt9401.sta": (26, 97, "-9269135.90"),
    "mt940-rs/cmxl/mt940_1.sta": (1, 2, "2200.00"),
    "mt940-rs/cmxl/mt940_2.sta": (1, 3, "10040.00"),
    "mt940-rs/special-cases/unknown_tag.sta": (1, 1, "-6.00"),
    "mt940-sharp/abnamro.txt": (4, 5, "23853.22"),
    "mt940-sharp/ing.txt": (1, 6, "3.47"),
    "mt940-sharp/sns.txt": (1, 0, "0"),
    "mt940-wolph/ASNB/mt940.txt": (31, 8, "56.94"),
    "mt940-wolph/ASNB/mt940_with_spaces_for_entry_date.txt": (31, 8, "56.94"),
    "mt940-wolph/betterplace/sepa_mt9401.sta": (26, 97, "-9269135.90"),
    "mt940-wolph/betterplace/with_binary_character.sta": (2, 4, "-179066.75"),
    "mt940-wolph/jejik/generic.sta": (2, 2, "-20.00"),
    "mt940-wolph/jejik/sns.sta": (2, 2, "-25.00"),
    "mt940-wolph/mBank/mt940.sta": (1, 3, "0.03"),
    "mt940-zilverline/abn/moneyou.txt": (1, 2, "11.76"),
    "mt940-zilverline/abn/two_accounts.txt": (4, 3, "-6348.75"),
    "mt940-zilverline/ing/cntp_without_description.txt": (1, 1, "-1500.00"),
    "mt940-zilverline/ing/eu_incasso.txt": (1, 1, "-50.00"),
    "mt940-zilverline/ing/failing.txt": (1, 1, "-50.00"),
    "mt940-zilverline/ing/ing_00_00.txt": (1, 1, "-100.00"),
    "mt940-zilverline/ing/ing_dash_in_customer_reference.txt": (1, 1, "-100.00"),
    "mt940-zilverline/ing/ing_purp.txt": (1, 1, "-10.00"),
    "mt940-zilverline/ing/ing_references.txt": (1, 1, "-100.00"),
    "mt940-zilverline/ing/ing_references_fix.txt": (1, 1, "-100.00"),
    "mt940-zilverline/ing/mt940_iban.txt": (1, 21, "-190.45"),
    "mt940-zilverline/ing/unstructured_remi.txt": (1, 2, "-20.00"),
    "mt940-zilverline/ing/unstructured_remi_2.txt": (1, 1, "-10.00"),
    "mt940-zilverline/ing/unstructured_remi_with_space_in_remi.txt": (1, 1, "-38.42"),
    "mt940-zilverline/sns/sns.txt": (16, 4, "45012.45"),
    "mt940-zilverline/sns/sns_customer_reference.txt": (1, 1, "-100.00"),
}


def _read(path: Path) -> ParsedFile | None:
    try:
        return read(path.read_bytes(), path.name)
    except (UnknownFormatError, UnsupportedFormatError):
        return None


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_a_real_file_is_read_or_refused_and_what_is_proved_adds_up(path: Path) -> None:
    parsed = _read(path)
    if parsed is None:
        return
    assert parsed.statements or parsed.errors
    for statement in parsed.statements:
        assert statement.account
        assert [entry.position for entry in statement.entries] == sorted({e.position for e in statement.entries})
        if statement.proved:
            assert statement.opening_balance is not None
            total = sum((entry.amount for entry in statement.entries), statement.opening_balance)
            assert total == statement.closing_balance
    for error in parsed.errors:
        assert 1 <= error.line <= path.read_bytes().count(b"\n") + 1
        assert error.message.endswith(".")


@pytest.mark.parametrize(("name", "expected"), WHOLE.items())
def test_a_file_whose_totals_hold_is_taken_whole(name: str, expected: tuple[int, int, str]) -> None:
    parsed = _read(DATA / name)
    assert parsed is not None
    assert parsed.errors == ()
    entries = [entry for statement in parsed.statements for entry in statement.entries]
    found = len(parsed.statements), len(entries), str(sum((entry.amount for entry in entries), Decimal(0)))
    assert found == expected
    assert all(statement.proved for statement in parsed.statements)


@pytest.mark.parametrize("path", MT940_FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_a_real_mt940_loses_no_line(path: Path) -> None:
    """Every :61: of a file that is taken whole is an entry; of any other file it is an entry or explained."""
    parsed = _read(path)
    if parsed is None:
        return
    written = len(re.findall(rb"(?m)^:61:", path.read_bytes()))
    taken = sum(len(statement.entries) for statement in parsed.statements)
    assert taken == written if not parsed.errors else taken < written or written == 0


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: str(path.relative_to(DATA)))
def test_a_real_file_cut_anywhere_is_never_more_than_a_refusal(path: Path) -> None:
    data = path.read_bytes()
    for part in range(1, 24):
        _read_bytes(data[: len(data) * part // 24])


def _read_bytes(data: bytes) -> None:
    try:
        read(data)
    except (UnknownFormatError, UnsupportedFormatError):
        return


def test_a_batch_of_a_real_bank_becomes_its_payments() -> None:
    parsed = _read(DATA / "camt-oca" / "test-camt053-txdtls")
    assert parsed is not None
    first, second = parsed.statements[0].entries
    assert (first.amount, first.payer_account) == (Decimal("2187.00"), "CH2222000000123456789")
    assert (second.amount, second.purpose.split()[0]) == (Decimal("1296.00"), "302388292000022222222222222")


def test_the_last_day_of_a_thirty_day_february_is_reported_with_its_line() -> None:
    parsed = _read(DATA / "mt940-wolph" / "self-provided" / "february_30.sta")
    assert parsed is not None
    assert [(error.line, error.message) for error in parsed.errors] == [
        (6, "The entry was left out: the day 2016-02-30 does not exist.")
    ]


def test_a_garbled_amount_is_reported_and_not_read_as_zero() -> None:
    parsed = _read(DATA / "camt-bankstatementparser" / "camt053_garbled_amount.xml")
    assert parsed is not None
    assert parsed.statements[0].entries == ()
    assert "'12..34' is not an amount" in parsed.errors[0].message
