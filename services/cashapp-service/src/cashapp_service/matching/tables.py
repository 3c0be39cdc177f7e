"""What confirmed receipts taught: which payer pays for which customer."""

from sqlmodel import Field

from cashapp_service.rows import Row


class LearnedPayerRow(Row, table=True):
    """A payer, by the fingerprint of its account or else by its name, whose receipts were confirmed to be a customer's."""

    __tablename__ = "learned_payers"

    kind: str = Field(primary_key=True, max_length=8)
    payer: str = Field(primary_key=True, max_length=400)
    customer_id: str = Field(primary_key=True, max_length=64)
    confirmations: int
