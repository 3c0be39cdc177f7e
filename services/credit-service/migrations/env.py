"""Alembic environment of credit-service."""

from credit_service.tables import METADATA
from shared.migrate import run_env

run_env(METADATA)
