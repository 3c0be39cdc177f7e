"""How sure each way of matching is, and what takes sureness away. The numbers stand here and nowhere else."""

from dataclasses import dataclass, field
from decimal import Decimal

from cashapp_service.matching.domain.document_numbers import Kind, Strength
from cashapp_service.matching.domain.mentions import Mention
from cashapp_service.matching.domain.payers import PAYER_CONFIDENCE, PayerFinding, Sureness
from cashapp_service.matching.domain.proposals import Evidence, Method

BASE = {
    Method.REMITTANCE: Decimal("0.97"),
    Method.NAMED_EXACT: Decimal("0.97"),
    Method.NAMED_DISCOUNT: Decimal("0.96"),
    Method.NAMED_TOLERANCE: Decimal("0.96"),
    Method.NAMED_SHORT_PAYMENT: Decimal("0.96"),
    Method.NAMED_CREDIT: Decimal("0.90"),
    Method.NAMED_OVERPAYMENT: Decimal("0.88"),
    Method.NAMED_EXCHANGE: Decimal("0.97"),
    Method.NAMED_PARTIAL: Decimal("0.85"),
}
# What the payer's sureness is worth where the items are found by their amounts alone.
AMOUNT_SHARE = {
    Method.AMOUNT_EXACT: Decimal("1.00"),
    Method.AMOUNT_DISCOUNT: Decimal("0.95"),
    Method.AMOUNT_ALL_OPEN: Decimal("0.95"),
    Method.AMOUNT_OLDEST: Decimal("0.85"),
    Method.AMOUNT_PAIR: Decimal("0.70"),
    Method.ON_ACCOUNT: Decimal("0.50"),
}
SURE_METHODS = frozenset(
    {
        Method.REMITTANCE,
        Method.NAMED_EXACT,
        Method.NAMED_DISCOUNT,
        Method.NAMED_TOLERANCE,
        Method.NAMED_SHORT_PAYMENT,
    }
)
DOUBTFUL_MAX = Decimal("0.90")
ORDER_ONLY_MAX = Decimal("0.93")
CONTRADICTED_MAX = Decimal("0.85")
MORE_NAMED_MAX = Decimal("0.85")
AMBIGUOUS_AMOUNT_MAX = Decimal("0.60")
ACROSS_CUSTOMERS_MAX = Decimal("0.89")
EXCHANGE_MAX = Decimal("0.88")
ACROSS_AMOUNT_MAX = Decimal("0.60")
UNSURE_AMOUNT_MAX = Decimal("0.55")
UNKNOWN_PAYER_LENGTH_MIN = 5


@dataclass(slots=True)
class Judgement:
    """A confidence in the making: a base, what lowers it, and the sentences for both."""

    confidence: Decimal
    evidence: list[Evidence] = field(default_factory=list)

    def supported(self, detail: str) -> None:
        """Note what speaks for it."""
        self.evidence.append(Evidence(detail))

    def at_most(self, ceiling: Decimal, detail: str) -> None:
        """Note what speaks against it, and lower it to the ceiling."""
        self.confidence = min(self.confidence, ceiling)
        self.evidence.append(Evidence(detail, supports=False))


def judge_named(
    method: Method,
    mentions: list[Mention],
    payer: PayerFinding | None,
    rival: PayerFinding | None,
) -> Judgement:
    """Return how sure it is that these named items are meant, given who seems to have paid."""
    judgement = Judgement(BASE[method])
    sureness = payer.sureness if payer else Sureness.NONE
    if payer:
        judgement.supported(payer.detail)
        if method in SURE_METHODS and sureness >= Sureness.NAME:
            judgement.confidence += Decimal("0.02") if sureness >= Sureness.LEARNED else Decimal("0.01")
    for mention in mentions:
        _judge_mention(judgement, mention, sureness)
    if rival and rival.sureness >= Sureness.NAME and rival.sureness > sureness:
        judgement.at_most(CONTRADICTED_MAX, f"Against that: {rival.detail}")
    return judgement


def _judge_mention(judgement: Judgement, mention: Mention, sureness: Sureness) -> None:
    number = mention.item.number
    if mention.kind is Kind.ORDER:
        judgement.supported(f"The order of {number} is named.")
        judgement.at_most(ORDER_ONLY_MAX, f"{number} itself is not named.")
        return
    judgement.supported(f"{number} is named.")
    for doubt in mention.doubts:
        judgement.at_most(DOUBTFUL_MAX, doubt)
    if mention.strength is Strength.LIKELY and not mention.doubts:
        judgement.at_most(DOUBTFUL_MAX, f"{number} is too short a number to be sure.")
    if sureness < Sureness.NAME:
        if mention.kind is Kind.DIGITS:
            judgement.at_most(ORDER_ONLY_MAX, f"{number} is named without its letters by a payer we do not know.")
        elif mention.length < UNKNOWN_PAYER_LENGTH_MIN:
            judgement.at_most(DOUBTFUL_MAX, f"{number} is a short number, named by a payer we do not know.")


def judge_amount(method: Method, payer: PayerFinding, rivals: int) -> Judgement:
    """Return how sure it is that the payer meant these items, of which it named none."""
    share = PAYER_CONFIDENCE[payer.sureness] * AMOUNT_SHARE[method]
    judgement = Judgement(share.quantize(Decimal("0.01")))
    judgement.supported(payer.detail)
    if rivals:
        judgement.at_most(AMBIGUOUS_AMOUNT_MAX, f"The payer may be one of {rivals + 1} customers.")
    return judgement
