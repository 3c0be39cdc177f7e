import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from openitem.scorecards.companies import CompaniesFileError, read

HEAD = ",".join(f"X{number}" for number in range(1, 65))


def row(label: str = "", **ratios: str) -> str:
    return ",".join([*(ratios.get(f"X{number}", "") for number in range(1, 65)), label])


def written(path: Path, *rows: str, head: str = f"{HEAD},bankrupt") -> Path:
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def test_columns_become_our_ratios_and_what_is_empty_is_missing(tmp_path: Path) -> None:
    (company,) = read(written(tmp_path / "a.csv", row("1", X46="1.5", X27="?", X1="inf")))

    assert company.ratios["quick_ratio"] == Decimal("1.5")
    assert {company.ratios[name] for name in ("interest_cover", "net_profit_to_assets", "sales_growth")} == {None}
    assert company.failed is True


def test_the_outcome_may_be_unknown_and_the_column_absent(tmp_path: Path) -> None:
    unlabelled = written(tmp_path / "a.csv", row()[:-1], head=HEAD)

    assert [company.failed for company in read(unlabelled)] == [None]


def test_a_packed_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.csv", row("0"))
    packed = tmp_path / "b.data"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read(packed) == read(plain)


def test_equal_rows_have_one_place_whatever_their_outcome_and_order(tmp_path: Path) -> None:
    first, other, again = read(written(tmp_path / "a.csv", row("0", X1="1"), row("0", X1="2"), row("1", X1="1")))

    assert first.place == again.place != other.place
    assert 0 <= first.place < 1


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        ([row("0", X1="many")], None, "Line 2: a ratio is no number"),
        ([row("0"), row("maybe")], None, "Line 3: bankrupt is 0 or 1"),
        ([row("0")[:3]], None, "Line 2: the line has not as many fields as the first"),
        ([], "a,b", "names no X1, X2"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, rows: list[str], head: str | None, said: str) -> None:
    with pytest.raises(CompaniesFileError, match=said):
        read(written(tmp_path / "a.csv", *rows, head=head or f"{HEAD},bankrupt"))


@pytest.mark.parametrize("content", [b"\x1f\x8bno gzip", b"\xff\xfe\x00", gzip.compress(b"x" * 99, mtime=0)[:-9], b""])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)

    with pytest.raises(CompaniesFileError):
        read(tmp_path / "a.csv")
