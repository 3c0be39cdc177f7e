"""Payers: who may pay for whom, beside a parent for the customers below it."""
