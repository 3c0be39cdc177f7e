"""What the stand-in bureaus know of companies: made up, and always the same for the same company.

Names steer what is found: one with `unknown` in it is not found, one with `twin` is found twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

AGE_DAYS_MAX = 60


@dataclass(frozen=True)
class Company:
    """A made-up company; everything about it follows from its key."""

    key: str
    name: str
    country: str | None

    @property
    def _digest(self) -> bytes:
        return hashlib.sha256(self.key.encode()).digest()

    @property
    def duns(self) -> str:
        """Its D-U-N-S number: the key where that is one."""
        return (
            self.key if self.key.isdigit() and len(self.key) == 9 else f"{int.from_bytes(self._digest[:4]) % 10**9:09d}"
        )

    @property
    def coface_id(self) -> str:
        """Its id at Coface."""
        digits = self._digest.hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"

    @property
    def grade(self) -> int:
        """How good it is, from 1 to 100."""
        return self._digest[5] % 100 + 1

    @property
    def limit(self) -> int:
        """What credit would be given, in whole thousands; nothing for the worst."""
        return 0 if self.grade <= 10 else self.grade * 2_500

    def report_date(self, today: date) -> date:
        """When it was looked at last."""
        return today - timedelta(days=self._digest[6] % AGE_DAYS_MAX)


def found(name: str, country: str | None, key: str) -> list[Company]:
    """Return the companies that a search for a name finds."""
    if "unknown" in name.casefold():
        return []
    if "twin" in name.casefold():
        return [Company(key, name, country), Company(f"{key}, the other", name, country)]
    return [Company(key, name, country)]


def coface_assessment(slug: str, company: Company, currency: str, today: date) -> dict[str, Any]:
    """Return one of Coface's assessments, as its samples show it."""
    common = {
        "releaseDate": company.report_date(today).isoformat(),
        "isCurrent": True,
        "assessmentSlug": slug,
        "companyId": company.coface_id,
    }
    dra = company.grade // 10
    said = {"label": "Debtor Risk Assessment (DRA)", "full": f"{dra}/10", "language": "en", "short": "DRA"}
    if slug == "credit-opinion":
        amount = {"currency": currency, "value": float(company.limit)}
        return common | {
            "rating": "@" * max(1, company.grade // 25) if company.limit else "X",
            "maxCreditAmount": amount,
        }
    if slug == "late-payment-index":
        return common | {"paymentIndexValue": dra, "updateDate": common["releaseDate"], "descriptions": []}
    probability = round(25 / (1 + company.grade / 4), 2)
    return common | {"debtorRiskValue": str(dra), "probabilityOfDefault": probability, "descriptions": [said]}


def direct_plus_organization(company: Company, today: date) -> dict[str, Any]:
    """Return what Direct+ tells of a company in its data blocks, as integrators' samples show it."""
    day = company.report_date(today).isoformat()
    organization: dict[str, Any] = {
        "duns": company.duns,
        "primaryName": company.name,
        "dunsControlStatus": {"operatingStatus": {"description": "Active", "dnbCode": 9074}},
        "legalEvents": {"hasOpenLiens": False, "hasOpenJudgments": False, "hasOpenBankruptcy": company.grade <= 3},
        "dnbAssessment": {
            "failureScore": {
                "nationalPercentile": company.grade,
                "classScore": 5 - company.grade // 25,
                "scoreDate": day,
            },
            "delinquencyScore": {"nationalPercentile": company.grade},
            "standardRating": {"rating": "3A2", "financialStrength": "3A", "riskSegment": "2"},
            "creditLimitRecommendation": {"maximumRecommendedLimit": {"value": company.limit, "currency": "USD"}},
        },
        "businessTrading": [{"summary": [{"paydexScore": min(100, company.grade + 10)}]}],
    }
    return organization | ({"countryISOAlpha2Code": company.country} if company.country else {})
