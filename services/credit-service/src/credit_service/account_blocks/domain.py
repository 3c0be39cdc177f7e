"""What a block is for, and who may lift it."""

from shared.errors import ForbiddenError

MANUAL = "manual"
LEGAL = "legal"
"""The matter is with the lawyers: only who approves limits may lift this block."""


class LegalBlockError(ForbiddenError):
    """The account is blocked because the matter is with the lawyers."""

    code = "legal_block"

    def __init__(self) -> None:
        super().__init__("The account is blocked for legal action: who may approve limits has to lift the block.")
