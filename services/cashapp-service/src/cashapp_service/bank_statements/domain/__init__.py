"""Bank statements as values, and the readers that make them from the bytes of a bank's file."""

from cashapp_service.bank_statements.domain.file_format import (
    FileFormat,
    UnknownFormatError,
    UnsupportedFormatError,
    recognise,
)
from cashapp_service.bank_statements.domain.reading import read
from cashapp_service.bank_statements.domain.statement import (
    BankStatement,
    ControlTotalError,
    LineError,
    ParsedFile,
    StatementEntry,
)

__all__ = [
    "BankStatement",
    "ControlTotalError",
    "FileFormat",
    "LineError",
    "ParsedFile",
    "StatementEntry",
    "UnknownFormatError",
    "UnsupportedFormatError",
    "read",
    "recognise",
]
