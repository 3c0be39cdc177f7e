"""The close pack: all figures of a period's close, as one PDF, one workbook, and JSON with the same figures."""
