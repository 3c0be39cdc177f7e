"""Dun & Bradstreet's documented shapes, and what they say in our normal form.

Source: D&B Direct+ documentation (https://directplus.documentation.dnb.com): Authentication (`POST /v3/token`, client
credentials by HTTP Basic, `expires_in` 86400), Identity Resolution (`GET /v1/match/cleanseMatch` by D-U-N-S, registration number
or name, with a confidence code of 1 to 10), Data Blocks (`GET /v1/data/duns/{duns}?blockIDs=…`), Error Codes
(`transactionDetail`, and `error` with `errorCode` and `errorMessage`). The reference of the blocks is behind a login: the paths
below `dnbAssessment`, `legalEvents` and `businessTrading` are taken from integrators' published samples, and are read tolerantly
for that reason. For German companies the reason of the order is told (`orderReason` 6332, a credit decision).

The failure score's national percentile goes from 1 (most likely to fail) to 100; 0 is given where an event overrides the score.
PAYDEX goes from 0 to 100, 80 is prompt (https://www.dnb.com/resources/financial-stress-score-definition-information.html).
"""

from datetime import date
from decimal import Decimal
from typing import Any

from credit_service.bureau_reports.domain.answers import at, day_at, list_at, number_at, text_at
from credit_service.bureau_reports.domain.connector import CompanyNotFoundError, Identity, WrongCompanyError
from credit_service.bureau_reports.domain.report import LegalStatus, Report, Score, limit_of

BLOCKS = {
    "credit_insight": (
        "companyinfo_L2_v1",
        "financialstrengthinsight_L2_v1",
        "paymentinsight_L1_v1",
        "eventfilings_L1_v1",
    ),
    "score": ("financialstrengthinsight_L2_v1",),
}
"""Our products: which data blocks each is made of."""
CONFIDENCE_MIN = 8
"""From this confidence code on a match is taken without a person's look."""
CREDIT_DECISION = "6332"
ACTIVE, OUT_OF_BUSINESS = "9074", "403"
WORST, BEST = Decimal(0), Decimal(100)


def match_query(identity: Identity) -> dict[str, str]:
    """Return how a company is looked for: by its registration number where it is known, else by its name."""
    query = {"countryISOAlpha2Code": identity.country, "candidateMaximumQuantity": "5"}
    if number := identity.identifiers.get("registration_number"):
        return query | {"registrationNumber": number}
    return query | {"name": identity.name}


def duns_of(answer: Any, identity: Identity) -> str:
    """Return the D-U-N-S number of the one sure match; raise `CompanyNotFoundError`."""
    candidates = list_at(answer, "matchCandidates")
    sure = [one for one in candidates if _confidence(one) >= CONFIDENCE_MIN and text_at(one, "organization", "duns")]
    best = max(map(_confidence, sure), default=Decimal(0))
    first = [one for one in sure if _confidence(one) == best]
    if not first:
        raise CompanyNotFoundError("Dun & Bradstreet found no sure match: send the duns in identifiers.")
    if len(first) > 1:
        raise CompanyNotFoundError(
            f"Dun & Bradstreet found {len(first)} companies that match as well: send the duns in identifiers."
        )
    return str(text_at(first[0], "organization", "duns"))


def _confidence(candidate: Any) -> Decimal:
    return number_at(candidate, "matchQualityInformation", "confidenceCode") or Decimal(0)


def data_query(product: str, *, reference: str, identity: Identity) -> dict[str, str]:
    """Return what is asked for about a company, under our reference."""
    query = {"blockIDs": ",".join(BLOCKS[product]), "customerReference": reference}
    if identity.country == "DE":
        query["orderReason"] = CREDIT_DECISION
    return query


def report_of(answer: Any, *, duns: str, identity: Identity) -> Report:
    """Return the report that the blocks make; raise `WrongCompanyError` where they are about another company."""
    organization = at(answer, "organization")
    told, country = text_at(organization, "duns"), text_at(organization, "countryISOAlpha2Code")
    if told != duns or country not in (None, identity.country):
        raise WrongCompanyError("Dun & Bradstreet delivered data of another company.", charged=True)
    assessment = at(organization, "dnbAssessment")
    amount = at(assessment, "creditLimitRecommendation", "maximumRecommendedLimit")
    status, said = _legal_status(organization)
    return Report(
        report_date=day_at(assessment, "failureScore", "scoreDate")
        or day_at(answer, "transactionDetail", "transactionTimestamp")
        or date.min,
        company_name=text_at(organization, "primaryName"),
        country=country,
        company_ids={"duns": duns},
        score=_score(assessment),
        rating=text_at(assessment, "standardRating", "rating"),
        recommended_limit=limit_of(number_at(amount, "value"), text_at(amount, "currency")),
        legal_status=status,
        legal_status_text=said,
        payment_index=_paydex(organization),
    )


def _score(assessment: Any) -> Score | None:
    for name, path in (("D&B Failure Score", "failureScore"), ("D&B Delinquency Score", "delinquencyScore")):
        percentile = number_at(assessment, path, "nationalPercentile")
        if percentile is not None:
            return Score(name, percentile, WORST, BEST)
    return None


def _paydex(organization: Any) -> Score | None:
    summary = at(organization, "businessTrading", 0, "summary", 0)
    value = number_at(summary, "paydexScore")
    if value is None:
        value = number_at(summary, "paydexScoreHistory", 0, "paydexScore")
    return None if value is None else Score("PAYDEX", value, WORST, BEST)


def _legal_status(organization: Any) -> tuple[LegalStatus, str | None]:
    operating = at(organization, "dunsControlStatus", "operatingStatus")
    said = text_at(operating, "description")
    if at(organization, "legalEvents", "hasOpenBankruptcy") is True:
        return "insolvent", said
    code = text_at(operating, "dnbCode")
    return ("active" if code == ACTIVE else "inactive" if code == OUT_OF_BUSINESS else "unknown"), said
