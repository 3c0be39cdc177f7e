"""Alembic environment of dispute-service."""

from dispute_service.tables import METADATA
from shared.migrate import run_env

run_env(METADATA)
