"""Settings of credit-service."""

from shared.settings import Settings


class CreditSettings(Settings):
    """What credit-service needs beside what every process needs."""
