"""The rules of dispute cases: what is claimed of which item, where a case stands, why it was opened, how it is decided."""
