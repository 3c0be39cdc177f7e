"""Which columns an export has, and how they are written as CSV and as Parquet."""

from cashapp_service.ledger_exports.domain.columns import COLUMNS, ExportFormat, FileWriter, Values
from cashapp_service.ledger_exports.domain.csv_file import CsvWriter
from cashapp_service.ledger_exports.domain.parquet_file import ParquetWriter

__all__ = ["COLUMNS", "ExportFormat", "FileWriter", "Values", "writer_of"]


def writer_of(format_: ExportFormat) -> FileWriter:
    """Return the writer of a new file."""
    return ParquetWriter() if format_ == "parquet" else CsvWriter()
