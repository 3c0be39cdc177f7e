"""Credit insurance covers a debt up to an insured limit; alarms say when it does not, or when the insurer must be told."""
