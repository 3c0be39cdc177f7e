"""The ledger: double entry, append-only, the one record of every change of an item's balance and of a receipt's cash."""
