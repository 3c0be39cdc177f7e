"""Reports are encrypted at rest: what is sealed cannot be read, changed or put in another place."""

import os

import pytest

from credit_service.bureau_reports.domain.vault import (
    ReportKeyMissingError,
    ReportVault,
    SealBrokenError,
    Sealed,
    key_id,
)

OLD, NEW = os.urandom(32), os.urandom(32)


def test_what_is_sealed_is_opened_in_its_place_alone() -> None:
    vault = ReportVault([NEW])
    sealed = vault.seal(b"overdue", context="bur_1/raw")

    assert vault.open(sealed, context="bur_1/raw") == b"overdue"
    assert b"overdue" not in sealed.content
    with pytest.raises(SealBrokenError):
        vault.open(sealed, context="bur_2/raw")


@pytest.mark.parametrize("place", [0, 12, -1])
def test_a_single_changed_bit_is_noticed(place: int) -> None:
    vault = ReportVault([NEW])
    content = bytearray(vault.seal(b"overdue", context="bur_1/raw").content)
    content[place] ^= 1

    with pytest.raises(SealBrokenError):
        vault.open(Sealed(key_id(NEW), bytes(content)), context="bur_1/raw")


def test_the_same_report_never_looks_the_same() -> None:
    vault = ReportVault([NEW])

    assert vault.seal(b"overdue", context="a").content != vault.seal(b"overdue", context="a").content


def test_a_retired_key_opens_what_it_sealed_and_seals_nothing_more() -> None:
    before = ReportVault([OLD]).seal(b"overdue", context="a")
    rotated = ReportVault([NEW, OLD])

    assert rotated.open(before, context="a") == b"overdue"
    assert rotated.seal(b"overdue", context="a").key_id == key_id(NEW)


def test_a_key_that_was_thrown_away_is_named() -> None:
    before = ReportVault([OLD]).seal(b"overdue", context="a")

    with pytest.raises(ReportKeyMissingError, match=key_id(OLD)):
        ReportVault([NEW]).open(before, context="a")


def test_without_a_key_nothing_is_kept() -> None:
    with pytest.raises(ReportKeyMissingError, match="OPENITEM_REPORT_KEY"):
        ReportVault([]).seal(b"overdue", context="a")
