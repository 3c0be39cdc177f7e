"""From the bytes of a bank's file to statements: recognise, then the one reader of that format."""

from cashapp_service.bank_statements.domain.camt053 import read_camt053
from cashapp_service.bank_statements.domain.file_format import (
    READABLE,
    FileFormat,
    UnsupportedFormatError,
    recognise,
)
from cashapp_service.bank_statements.domain.mt940 import read_mt940
from cashapp_service.bank_statements.domain.statement import LineError, ParsedFile

ERRORS_MAX = 1_000


def read(data: bytes, filename: str = "") -> ParsedFile:
    """Return the statements of a file and, line by line, what could not be taken from it.

    Raises `UnknownFormatError` and `UnsupportedFormatError`, and nothing else whatever the bytes are. Of very many
    errors only the first are listed.
    """
    file_format = recognise(data, filename)
    if file_format not in READABLE:
        raise UnsupportedFormatError(file_format)
    reader = read_mt940 if file_format is FileFormat.MT940 else read_camt053
    statements, errors = reader(data)
    errors.sort(key=lambda error: error.line)
    return ParsedFile(file_format, tuple(statements), _reported(errors))


def _reported(errors: list[LineError]) -> tuple[LineError, ...]:
    """Return the first errors and, where there are too many to read, how many more there are."""
    if len(errors) <= ERRORS_MAX:
        return tuple(errors)
    more = LineError(errors[-1].line, f"{len(errors) - ERRORS_MAX} more errors up to this line are not listed.")
    return (*errors[:ERRORS_MAX], more)
