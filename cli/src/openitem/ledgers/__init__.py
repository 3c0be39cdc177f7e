"""Loads a company's ledger through the public API, as any ERP would."""
