"""Which format a bank's file is in, told from its content: names and endings of bank files mean nothing."""

import re
from enum import StrEnum

from shared.errors import InvalidError


class FileFormat(StrEnum):
    """The formats that are told apart. Only `MT940` and `CAMT_053` are statements that can be read."""

    MT940 = "mt940"
    MT942 = "mt942"
    CAMT_052 = "camt.052"
    CAMT_053 = "camt.053"
    CAMT_054 = "camt.054"


READABLE = frozenset({FileFormat.MT940, FileFormat.CAMT_053})

_CAMT_CONTAINERS = {
    "BkToCstmrAcctRpt": FileFormat.CAMT_052,
    "BkToCstmrStmt": FileFormat.CAMT_053,
    "BkToCstmrDbtCdtNtfctn": FileFormat.CAMT_054,
}
# The first version of each message carries it in the element's name (BkToCstmrStmtV01).
_CONTAINER = re.compile(r"<(?:\w+:)?(BkToCstmrAcctRpt|BkToCstmrStmt|BkToCstmrDbtCdtNtfctn)(?:V\d\d)?[\s>/]", re.ASCII)
_XML_HEAD_BYTES = 65_536
_BYTE_ORDER_MARK = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")
# Some German banks deliver "@@" where the standard wants a line end.
_LINE_START = rb"(?:^|[\r\n\x00-\x1a]|@@)"
_TAG_20 = re.compile(_LINE_START + rb":20:")
_TAG_STATEMENT = re.compile(_LINE_START + rb":(?:25P?|28C?|60[FM]|61|62[FM]):")
_TAG_BALANCE = re.compile(_LINE_START + rb":6[02][FM]:")
_TAG_INTERIM = re.compile(_LINE_START + rb":(?:34F|13D?|90[CD]):")


class UnknownFormatError(InvalidError):
    """The file is none of the formats known here."""

    code = "unknown_format"

    def __init__(self, filename: str, reason: str) -> None:
        name = repr(filename) if filename else "The file"
        super().__init__(
            f"{name} is not a bank statement that can be recognised: {reason}. Send MT940 or camt.053.",
            field="file",
        )


class UnsupportedFormatError(InvalidError):
    """The format is known, but it is not an end-of-day statement and is not taken."""

    code = "unsupported_format"

    def __init__(self, file_format: FileFormat) -> None:
        super().__init__(
            f"The file is {file_format}, an interim report or notification, not yet supported as a statement:"
            " send the account's MT940 or camt.053 statement.",
            field="file",
        )
        self.file_format = file_format


def recognise(data: bytes, filename: str = "") -> FileFormat:
    """Return the format of a file's content; raise `UnknownFormatError` where it is none of them.

    `filename` is only repeated in the refusal.
    """
    # Without its zero bytes, the ASCII part of a UTF-16 file reads like any other.
    plain = _BYTE_ORDER_MARK.sub(b"", data.replace(b"\0", b""))
    if not plain.strip():
        raise UnknownFormatError(filename, "it is empty")
    head = plain[:_XML_HEAD_BYTES].decode("latin-1")
    if container := _CONTAINER.search(head):
        return _CAMT_CONTAINERS[container[1]]
    if _TAG_20.search(plain) and _TAG_STATEMENT.search(plain):
        interim = _TAG_INTERIM.search(plain) and not _TAG_BALANCE.search(plain)
        return FileFormat.MT942 if interim else FileFormat.MT940
    if head.lstrip().startswith("<"):
        raise UnknownFormatError(filename, "it is XML, but none of the camt.05x messages")
    raise UnknownFormatError(filename, "it has neither the tags of MT940 (:20:, :25:, :60F:) nor a camt.053 document")
