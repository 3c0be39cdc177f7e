"""Alembic environment of cashapp-service."""

from cashapp_service.tables import METADATA
from shared.migrate import run_env

run_env(METADATA)
