"""Alembic environment of collections-service."""

from collections_service.tables import METADATA
from shared.migrate import run_env

run_env(METADATA)
