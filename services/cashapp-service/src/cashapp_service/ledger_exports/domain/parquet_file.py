"""Parquet: amounts are decimal128 with four decimals, days are dates, instants are timestamps in UTC."""

import io
from collections.abc import Sequence
from typing import Any

from cashapp_service.ledger_exports.domain.columns import COLUMNS, Values


class _Pieces(io.RawIOBase):
    """A file that hands over what was written to it since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        written, self._pieces = b"".join(self._pieces), []
        return written


class ParquetWriter:
    """Writes Parquet, a row group at a time, compressed by Snappy, which every reader knows."""

    media_type = "application/vnd.apache.parquet"
    rows_at_once = 50_000

    def __init__(self) -> None:
        # Loaded where it is used: it costs a process as much memory as half the service, and most never write Parquet.
        import pyarrow
        import pyarrow.parquet

        self._arrow = pyarrow
        types = {
            "whole": pyarrow.int64(),
            "amount": pyarrow.decimal128(20, 4),
            "day": pyarrow.date32(),
            "instant": pyarrow.timestamp("us", tz="UTC"),
            "text": pyarrow.string(),
        }
        self._schema = pyarrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
        self._pieces = _Pieces()
        self._file = pyarrow.parquet.ParquetWriter(self._pieces, self._schema, compression="snappy")

    def rows(self, rows: Sequence[Values]) -> bytes:
        """Return the next row group."""
        columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
        arrays = [self._arrow.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
        self._file.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._pieces.take()

    def end(self) -> bytes:
        """Return the footer."""
        self._file.close()
        return self._pieces.take()
