"""The journal as files, CSV or Parquet: what is new behind a cursor, for the general ledger, Power BI or Excel."""
