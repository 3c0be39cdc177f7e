"""Alembic environment of the gateway."""

from gateway.tables import METADATA
from shared.migrate import run_env

run_env(METADATA)
