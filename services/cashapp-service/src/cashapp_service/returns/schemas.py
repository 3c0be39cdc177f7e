"""Shapes of returns on the wire."""

from typing import Any

from pydantic import ConfigDict, Field, field_validator

from cashapp_service.payment_exceptions.domain import ReturnReason
from cashapp_service.payment_exceptions.domain.bank_return import FeePayer
from cashapp_service.payment_exceptions.schemas import OPENED_EXAMPLE, PaymentException
from cashapp_service.receipts.schemas import RECEIPT_EXAMPLE, ReceiptView
from shared.days import Day
from shared.http.edge import Body
from shared.money import PositiveAmount
from shared.texts import Key, Reference

_RETURNED: dict[str, Any] = {
    "status": "returned",
    "applied": "0.00",
    "returned": "1190.00",
    "payment_exception": OPENED_EXAMPLE,
}


class ReturnBody(Body):
    """How a payment came back. The reason, a scheme's code, or both, if they say the same."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"reason": "nsf", "value_date": "2026-04-07", "fee": "12.50"},
                {
                    "reason_code": "13.3",
                    "value_date": "2026-04-07",
                    "amount": "300.00",
                    "case_reference": "CB-2026-0081733",
                },
                {"reason_code": "10.4", "value_date": "2026-04-07", "deadline_on": "2026-05-05"},
            ]
        }
    )

    reason: ReturnReason | None = Field(default=None, description="Why the bank took it back; told by a known code")
    reason_code: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9.]{1,20}$",
        description="The scheme's code as the bank gives it; those known are in GET /v1/payment-exception-reasons",
        examples=["R01", "AC04", "10.4"],
    )
    case_reference: Reference | None = Field(
        default=None,
        description="The bank's, acquirer's or scheme's own number of this return, such as that of the chargeback's case; not the"
        " ARN, which is the payment's and the same for every part. With the receipt it is the return's key: the same content"
        " again changes nothing (200), other content is a 409. Without it a part that is sent twice is taken twice",
        examples=["CB-2026-0081733"],
    )
    value_date: Day = Field(description="The bank's; the applications are reversed as of this day")
    amount: PositiveAmount | None = Field(
        default=None, description="What the bank took back, in the receipt's currency: of a card payment perhaps a part"
    )
    application_ids: list[Key] = Field(
        default_factory=list,
        max_length=100,
        description="Which applications a part concerns: they are taken back first, else those that were posted last are",
    )
    reinstate: bool = Field(
        default=True,
        description="Whether what the bank left of the applications that a part takes back pays the same items again",
    )
    posting_date: Day | None = Field(
        default=None,
        description="Day on which it counts in the ledger; default the first open day from `value_date` on",
    )
    fee: PositiveAmount | None = Field(default=None, description="What the return costs, in the receipt's currency")
    fee_borne_by: FeePayer = Field(
        default="customer", description="`customer`: charged as a debit memo due at once; `company`: kept here only"
    )
    deadline_on: Day | None = Field(
        default=None, description="Last day to react, where the bank or acquirer sets one; default by reason and scheme"
    )

    @field_validator("reason_code")
    @classmethod
    def _written_as_known(cls, code: str | None) -> str | None:
        return code.upper() if code is not None else None


class ReturnedReceipt(ReceiptView):
    """The receipt as it is now, and the exception that its return has opened."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECEIPT_EXAMPLE | _RETURNED]})

    payment_exception: PaymentException = Field(description="The payment exception that was opened")
