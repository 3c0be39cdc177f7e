"""Settings of dispute-service."""

from decimal import Decimal

from pydantic import Field

from shared.settings import Settings


class DisputeSettings(Settings):
    """What dispute-service needs beside what every process needs."""

    dispute_authority: dict[str, Decimal] = Field(
        default={"dispute_coordinator": Decimal(5000)},
        description="The most a role may grant on one case, in the case's currency; controller and admin have no limit",
    )
