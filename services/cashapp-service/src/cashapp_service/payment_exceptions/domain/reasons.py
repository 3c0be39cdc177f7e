"""Why a payment came back: our few reasons, and the codes of the schemes that mean them.

The one thing to know: what can be done depends on our reason alone. A scheme's code is kept as it came, for whoever contests.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cashapp_service.payment_exceptions.domain.refusals import ReasonMissingError, ReasonsDifferError

ReturnReason = Literal["nsf", "stopped", "closed_account", "chargeback", "card_error", "duplicate", "recalled"]
Scheme = Literal["iso20022", "nacha", "x9", "visa", "mastercard"]

DAYS_TO_REACT: dict[ReturnReason, int] = {
    "nsf": 10,
    "stopped": 10,
    "closed_account": 5,
    "chargeback": 30,
    "card_error": 5,
    "duplicate": 10,
    "recalled": 10,
}
"""Days from the return to the deadline; a chargeback can be contested for about a month."""


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A scheme's code, what it says there, and our reason. `days_to_react` where the scheme sets a limit of its own."""

    scheme: Scheme
    code: str
    meaning: str
    reason: ReturnReason
    days_to_react: int | None = None


def _codes(scheme: Scheme, lines: str, *, days_to_react: int | None = None) -> list[ReasonCode]:
    found = []
    for line in lines.strip().splitlines():
        reason, code, meaning = line.split(maxsplit=2)
        days = days_to_react if reason == "chargeback" else None
        found.append(ReasonCode(scheme, code, meaning, reason, days))  # type: ignore[arg-type]  # checked by a test
    return found


_ALL = [
    # ISO 20022, external code set ExternalReturnReason1Code.
    *_codes(
        "iso20022",
        """
        closed_account AC01 The account number is not correct
        closed_account AC04 The account is closed
        closed_account AC06 The account is blocked
        closed_account AC13 The debtor's account is a consumer's
        closed_account AG01 Transactions are forbidden on this account
        closed_account AG02 The bank operation code is not correct
        nsf            AM04 The funds are not sufficient
        duplicate      AM05 Duplication
        closed_account BE05 The creditor is not recognised
        recalled       CUST Requested by the customer
        duplicate      DUPL Duplicate payment
        recalled       FOCR Following a cancellation request
        closed_account FF05 The local instrument is not correct
        recalled       FRAD Of fraudulent origin
        recalled       MD01 There is no mandate
        recalled       MD06 Refund asked for by the customer
        closed_account MD07 The customer is deceased
        stopped        MS02 Refused by the customer, no reason given
        nsf            MS03 Refused by the bank, no reason given
        closed_account RR01 The account's number or its holder's is missing
        closed_account RR02 The debtor's name or address is missing
        closed_account RR03 The creditor's name or address is missing
        closed_account RR04 A regulatory reason
        stopped        SL01 A service of the debtor's bank refused it
        duplicate      TECH A technical problem
        """,
    ),
    # NACHA Operating Rules, appendix four.
    *_codes(
        "nacha",
        """
        nsf            R01 Insufficient funds
        closed_account R02 Account closed
        closed_account R03 No account, or unable to locate it
        closed_account R04 Invalid account number
        recalled       R05 Unauthorised debit to a consumer's account
        recalled       R06 Returned at the request of the originating bank
        recalled       R07 Authorisation revoked
        stopped        R08 Payment stopped
        nsf            R09 Uncollected funds
        recalled       R10 Not authorised, or not as authorised
        recalled       R11 Not in accordance with the terms of the authorisation
        closed_account R12 Account sold to another bank
        closed_account R14 The representative payee is deceased
        closed_account R15 The beneficiary or account holder is deceased
        closed_account R16 Account frozen
        closed_account R17 Entry fails the bank's edit criteria
        closed_account R20 Non-transaction account
        recalled       R23 Credit refused by the receiver
        duplicate      R24 Duplicate entry
        recalled       R29 A corporate customer says it is not authorised
        recalled       R31 Permissible return of a corporate entry
        """,
    ),
    # ANSI X9.100-187, customer return reasons of image cash letters.
    *_codes(
        "x9",
        """
        nsf            A Not sufficient funds
        nsf            B Uncollected funds hold
        stopped        C Stop payment
        closed_account D Closed account
        closed_account E Unable to locate the account
        closed_account F Frozen or blocked account
        stopped        G Stale dated
        stopped        H Post dated
        stopped        K Not our item or altered
        closed_account N Altered or fictitious
        stopped        Q Not authorised
        stopped        R Branch or account sold
        stopped        S Refer to maker
        duplicate      Y Duplicate presentment
        """,
    ),
    # Visa Core Rules, dispute conditions by family: fraud, authorisation, processing errors, consumer disputes.
    *_codes(
        "visa",
        """
        chargeback 10.1 EMV liability shift, counterfeit fraud
        chargeback 10.2 EMV liability shift, other fraud
        chargeback 10.3 Other fraud, card present
        chargeback 10.4 Other fraud, card absent
        chargeback 10.5 Visa fraud monitoring programme
        card_error 11.1 Card recovery bulletin
        card_error 11.2 Declined authorisation
        card_error 11.3 No authorisation
        card_error 12.1 Late presentment
        card_error 12.2 Incorrect transaction code
        card_error 12.3 Incorrect currency
        card_error 12.4 Incorrect account number
        card_error 12.5 Incorrect amount
        duplicate  12.6 Duplicate processing, or paid by other means
        card_error 12.7 Invalid data
        chargeback 13.1 Merchandise or services not received
        chargeback 13.2 Cancelled recurring transaction
        chargeback 13.3 Not as described, or defective
        chargeback 13.4 Counterfeit merchandise
        chargeback 13.5 Misrepresentation
        chargeback 13.6 Credit not processed
        chargeback 13.7 Cancelled merchandise or services
        chargeback 13.8 Original credit transaction not accepted
        chargeback 13.9 Non-receipt of cash or load value
        """,
        days_to_react=30,
    ),
    # Mastercard Chargeback Guide; the acquirer has 45 days for a second presentment.
    *_codes(
        "mastercard",
        """
        card_error 4807 Warning bulletin file
        card_error 4808 Authorisation-related
        card_error 4812 Account number not on file
        card_error 4834 Point-of-interaction error
        chargeback 4837 No cardholder authorisation
        chargeback 4849 Questionable merchant activity
        chargeback 4853 Cardholder dispute
        chargeback 4870 Chip liability shift
        chargeback 4871 Chip liability shift, lost, stolen or never received
        """,
        days_to_react=45,
    ),
]
CODES: dict[str, ReasonCode] = {one.code: one for one in _ALL}
"""Every known code; no two schemes have the same."""


def reason_of(reason: ReturnReason | None, code: str | None) -> ReturnReason:
    """Return the reason that was given, or that a scheme's code means.

    Raises `ReasonMissingError` where neither tells, and `ReasonsDifferError` where they tell different things.
    """
    known = CODES.get(code) if code is not None else None
    if known is None:
        if reason is None:
            raise ReasonMissingError(code)
        return reason
    if reason not in (None, known.reason):
        raise ReasonsDifferError(known.code, known.meaning, known.reason)
    return known.reason


def deadline(reason: ReturnReason, returned_on: date, code: str | None = None) -> date:
    """Return the last day to react to a return."""
    known = CODES.get(code) if code is not None else None
    days = known.days_to_react if known is not None else None
    return returned_on + timedelta(days=days or DAYS_TO_REACT[reason])
