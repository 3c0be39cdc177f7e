"""What a block is for, and who may lift it."""

from shared.errors import ForbiddenError

MANUAL = "manual"
LEGAL = "legal"
HOLD_ORDERS = "hold_orders"
MANAGERS = frozenset({LEGAL, HOLD_ORDERS})
"""The matter is with the lawyers, or a manager decided so: only who approves limits may lift these blocks."""


class ManagersBlockError(ForbiddenError):
    """The block is a manager's, for legal action or by a decided recommendation."""

    code = "managers_block"

    def __init__(self, block_code: str) -> None:
        super().__init__(f"The account is blocked for {block_code}: who may approve limits has to lift the block.")
