"""The information to the account owner (:86:): who paid and what for, in the four ways banks write it.

German subfields (?20, ?32), SWIFT and Dutch code words (/REMI/, /CNTP/), labels (IBAN: NAAM: or OD: TYT.:), and
plain text. Nothing here is ever an error: what no pattern explains is purpose.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_SUBFIELDS = re.compile(r"\s*[0-9]{3}\s?([^0-9A-Za-z\s/])(?=[0-9]{2})", re.ASCII)
_SUBFIELD_WIDTH = 27
_PURPOSE_SUBFIELDS = (*(str(n) for n in range(20, 30)), *(str(n) for n in range(60, 66)))
_SEPA_KEY = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|PURP|IBAN|BIC)\+")
_CODE_WORDS = (
    "TRTP|IBAN|BIC|NAME|REMI|EREF|KREF|IREF|ORDP|BENM|CNTP|MARF|CSID|PURP|ISDT|RTRN|SVCL|PREF|TRCD|OCMT|CHGS"
    "|ULTD|ULTC|ULTB|UDTR|UCRD|ADDR|ACCW|EXCH|ID"
)
_CODE_WORD = re.compile(rf"/({_CODE_WORDS})(?=/)")
_REMITTANCE_KIND = re.compile(r"(?:USTD|STRD)/(?:CUR)?/?")
_LABELS = r"IBAN|BIC|NAAM|OMSCHRIJVING|KENMERK|BETALINGSKENM\.|MACHTIGING|INCASSANT|ID IPH|Z RACH\.|OD|TYT\.|TNR"
_LABEL = re.compile(rf"(?<![^\s;])({_LABELS}):\s*")


@dataclass(frozen=True, slots=True)
class Details:
    """What an :86: says. `end_to_end_id` is the payer's reference, `own_reference` one that we or our bank gave."""

    purpose: str
    name: str | None = None
    account: str | None = None
    end_to_end_id: str | None = None
    own_reference: str | None = None


def read_details(fields: list[list[str]], supplement: str) -> Details:
    """Return what the :86: fields of one entry and the supplement of its :61: say."""
    read = [_read_one(lines, supplement) for lines in fields]
    account = _first(details.account for details in read)
    if account is None and _IBAN.fullmatch(supplement.partition(" ")[0]):
        account = supplement.partition(" ")[0]
    return Details(
        purpose=_squeezed(" ".join(details.purpose for details in read)),
        name=_first(details.name for details in read),
        account=account,
        end_to_end_id=_first(details.end_to_end_id for details in read),
        own_reference=_first(details.own_reference for details in read),
    )


def _read_one(lines: list[str], supplement: str) -> Details:
    joined = "".join(lines)
    if separator := _SUBFIELDS.match(joined):
        return _german(joined[separator.end() - 1 :], separator[1])
    if _CODE_WORD.match(joined.lstrip()):
        return _code_words(joined)
    spaced = " ".join(lines)
    labels = {label[1] for label in _LABEL.finditer(spaced)}
    if {"IBAN", "NAAM"} <= labels or {"OD", "TYT."} <= labels:
        return _labelled(spaced)
    return _plain(lines, supplement)


def _german(text: str, separator: str) -> Details:
    """Read subfields: ?20-?29 and ?60-?65 purpose, ?30 bank, ?31 account, ?32-?33 name."""
    subfields: dict[str, str] = {}
    for part in re.split(rf"{re.escape(separator)}(?=[0-9]{{2}})", text):
        subfields.setdefault(part[:2], part[2:])
    purposes = [subfields[key] for key in _PURPOSE_SUBFIELDS if key in subfields]
    # A full subfield runs on into the next, even inside a word; a shorter one ends where it ends.
    text = "".join(part if len(part) >= _SUBFIELD_WIDTH else part + "\n" for part in purposes)
    keyed, free = _sepa_keys(text)
    bank, account = subfields.get("30", "").strip(), subfields.get("31", "").replace(" ", "")
    if account and bank.isdigit() and account.isdigit():
        account = f"{bank}/{account}"
    names = [subfields.get("32", ""), subfields.get("33", "")]
    name = names[0] + names[1] if len(names[0]) >= _SUBFIELD_WIDTH else " ".join(names)
    return Details(
        purpose=_squeezed(free),
        name=_squeezed(name) or None,
        account=account or keyed.get("IBAN") or None,
        end_to_end_id=keyed.get("EREF"),
        own_reference=keyed.get("KREF"),
    )


def _sepa_keys(text: str) -> tuple[dict[str, str], str]:
    """Split "EREF+… SVWZ+…": references end at a subfield's end, the purpose (SVWZ) runs to the next key."""
    parts = _SEPA_KEY.split(text)
    free = [parts[0]]
    keyed: dict[str, str] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        if key == "SVWZ":
            free.append(value)
        else:
            reference, _, rest = value.partition("\n")
            keyed.setdefault(key, _squeezed(reference))
            free.append(rest)
    return keyed, " ".join(free)


def _code_words(text: str) -> Details:
    """Read "/TRTP/…/IBAN/…/NAME/…/REMI/…", and the ING's "/CNTP/account/bank/name/city/"."""
    parts = _CODE_WORD.split(text)
    values: dict[str, str] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        values.setdefault(key, value.strip("/ "))
    party = [part.strip() for part in values.get("CNTP", "").split("/")] + ["", "", ""]
    remittance = _REMITTANCE_KIND.sub("", values.get("REMI", ""), count=1)
    return Details(
        purpose=_squeezed(remittance.strip("/ ")),
        name=_squeezed(values.get("NAME", "") or party[2]) or None,
        account=(values.get("IBAN", "") or party[0]).replace(" ", "") or None,
        end_to_end_id=_squeezed(values.get("EREF", "")) or None,
        own_reference=_squeezed(values.get("KREF", "") or values.get("PREF", "")) or None,
    )


def _labelled(text: str) -> Details:
    parts = _LABEL.split(text)
    values: dict[str, str] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        values.setdefault(key, value.strip("; "))
    name = re.split(r"\s{2,}", values.get("NAAM") or values.get("OD") or "")[0]
    account = values.get("IBAN") or values.get("Z RACH.") or ""
    wanted = ("OMSCHRIJVING", "TYT.", "BETALINGSKENM.", "KENMERK")
    purpose = " ".join(values[key] for key in wanted if values.get(key))
    return Details(
        purpose=_squeezed(purpose or parts[0]),
        name=name or None,
        account=account.replace(" ", "") or None,
        end_to_end_id=_squeezed(values.get("KENMERK", "")) or None,
    )


def _plain(lines: list[str], supplement: str) -> Details:
    """Take the text as purpose, but a first line "account name" as these where the :61: repeats the name."""
    first, _, rest = lines[0].strip().partition(" ")
    account = first if _IBAN.fullmatch(first) else None
    if supplement and rest.strip().lower().startswith(supplement.lower()):
        return Details(_squeezed(" ".join(lines[1:])), name=rest.strip(), account=account or _account_number(first))
    return Details(_squeezed(" ".join(lines)), account=account)


def _account_number(text: str) -> str | None:
    return text if text.isascii() and text.isdigit() and text.strip("0") else None


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
