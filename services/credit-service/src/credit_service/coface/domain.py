"""Coface's documented shapes, and what they say in our normal form.

Source: Coface, ICON Data API (https://coface.github.io/DataAPI.html) with its Postman collection 2.23, samples and JSON schemas.
Documented there and used here: token, `GET /companies` by `externalId` (`easy#…`, `vat-number#…`, `registration-number#…`,
`icon#…`) and country, `POST /publications/orders` with assessments and `customerReference`, the assessments' contents.
Documented only with restricted access, and taken from integrators' descriptions: the answers of `GET /publications/orders` and
`GET /publications?id=…&format=json`, the status `ready` or `delivered`, and `legitimateInterest` for German companies. They are
read tolerantly for that reason.

The Debtor Risk Assessment (DRA) goes from 0 (worst) to 10 (best); it comes with a probability of default in per cent. The credit
opinion is a rating (`X`, `@` to `@@@@`) with the most credit Coface would give. The late payment index is kept as it is.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from credit_service.bureau_reports.domain.answers import at, day_at, list_at, number_at, text_at
from credit_service.bureau_reports.domain.connector import (
    BureauError,
    CompanyNotFoundError,
    Identity,
    WrongCompanyError,
)
from credit_service.bureau_reports.domain.report import LegalStatus, Report, Score, limit_of

DEBTOR_RISK, CREDIT_OPINION, LATE_PAYMENT = "debtor-risk-assessment", "credit-opinion", "late-payment-index"
ASSESSMENTS = {
    "credit_opinion": (DEBTOR_RISK, CREDIT_OPINION, LATE_PAYMENT),
    "score": (DEBTOR_RISK,),
}
"""Our products: which of Coface's assessments each is made of."""
READY = frozenset({"ready", "delivered", "finished", "available"})
REFUSED = frozenset({"cancelled", "rejected", "negative", "not-available"})
LEGITIMATE_INTEREST_COUNTRIES = frozenset({"DE"})
DRA_WORST, DRA_BEST = Decimal(0), Decimal(10)
LATE_PAYMENT_WORST, LATE_PAYMENT_BEST = Decimal(0), Decimal(10)

_REPOSITORIES = {
    "easy_number": "easy",
    "icon_number": "icon",
    "vat_number": "vat-number",
    "registration_number": "registration-number",
}
"""Our names of identifiers and Coface's, the surest first."""


def company_query(identity: Identity) -> dict[str, str]:
    """Return how a company is asked for: by the surest identifier there is, else by its name."""
    for name, repository in _REPOSITORIES.items():
        if number := identity.identifiers.get(name):
            return {"externalId": f"{repository}#{number}", "countryCode": identity.country}
    return {"companyName": identity.name, "countryCode": identity.country}


def company_of(answer: Any, identity: Identity) -> str:
    """Return the id of the one company that was found; raise `CompanyNotFoundError`, `WrongCompanyError`."""
    found = [one for one in (answer if isinstance(answer, list) else [answer]) if text_at(one, "id")]
    if not found:
        raise CompanyNotFoundError(
            "Coface does not know the company: send its easy_number or vat_number in identifiers."
        )
    if len(found) > 1:
        raise CompanyNotFoundError(
            f"Coface knows {len(found)} companies like this: send the easy_number of the right one in identifiers."
        )
    country = text_at(found[0], "address", "countryCode") or text_at(found[0], "countryCode")
    if country is not None and country != identity.country:
        raise WrongCompanyError("Coface found a company in another country: send its easy_number in identifiers.")
    return str(text_at(found[0], "id"))


def order_body(
    product: str, *, company_id: str, reference: str, identity: Identity, currency: str, interest: str
) -> Any:
    """Return an order of a product's assessments; a credit opinion is asked for in the account's currency."""
    assessments = [
        {"slug": slug} | ({"currency": currency} if slug == CREDIT_OPINION else {}) for slug in ASSESSMENTS[product]
    ]
    body = {"companyId": company_id, "customerReference": reference, "assessments": assessments}
    if identity.country in LEGITIMATE_INTEREST_COUNTRIES:
        body["legitimateInterest"] = interest
    return body


def order_in(answer: Any, *, reference: str, bureau_reference: str | None) -> Any | None:
    """Return our order out of a list of orders, known by our reference or Coface's; None where it is not there."""
    orders = list_at(answer, "orders") or (answer if isinstance(answer, list) else [answer])
    for one in orders:
        told = text_at(one, "id")
        if told is not None and (told == bureau_reference or text_at(one, "customerReference") == reference):
            return one
    return None


def is_ready(order: Any) -> bool:
    """Tell whether everything of an order can be read; raise `BureauError` for one that will never be."""
    states = {text_at(one, "status") for one in list_at(order, "publications")} or {text_at(order, "status")}
    if states & REFUSED:
        raise BureauError("Coface could not fulfil the order; it does not charge such orders.")
    return states <= READY


def publications(order: Any) -> list[str]:
    """Return the ids under which the contents of an order are read."""
    found = [text_at(one, "deliveryId") or text_at(one, "id") for one in list_at(order, "publications")]
    return [one for one in found if one]


def report_of(contents: list[Any], *, company_id: str, country: str) -> Report:
    """Return the report that the assessments make; raise `WrongCompanyError` where one is about another company."""
    current: dict[str, Any] = {}
    for one in (part for content in contents for part in (content if isinstance(content, list) else [content])):
        slug = (text_at(one, "assessmentSlug") or "").removesuffix("-package")
        if at(one, "isCurrent") is False:
            continue
        if text_at(one, "companyId") not in (None, company_id):
            raise WrongCompanyError("Coface delivered an assessment of another company.", charged=True)
        current.setdefault(slug, one)
    debtor, opinion = current.get(DEBTOR_RISK), current.get(CREDIT_OPINION)
    amount = number_at(opinion, "maxCreditAmount", "value")
    status, said = _legal_status(debtor)
    return Report(
        report_date=day_at(debtor, "releaseDate") or day_at(opinion, "releaseDate") or date.min,
        country=country,
        company_ids={"coface": company_id},
        score=_score(debtor),
        rating=text_at(opinion, "rating"),
        failure_probability_pct=number_at(debtor, "probabilityOfDefault"),
        recommended_limit=limit_of(amount, text_at(opinion, "maxCreditAmount", "currency")),
        legal_status=status,
        legal_status_text=said,
        payment_index=_late_payment(current.get(LATE_PAYMENT)),
    )


def _score(debtor: Any) -> Score | None:
    value = number_at(debtor, "debtorRiskValue")
    return None if value is None else Score("Debtor Risk Assessment", value, DRA_WORST, DRA_BEST)


def _late_payment(index: Any) -> Score | None:
    value = number_at(index, "paymentIndexValue")
    return None if value is None else Score("Late Payment Index", value, LATE_PAYMENT_WORST, LATE_PAYMENT_BEST)


def _legal_status(debtor: Any) -> tuple[LegalStatus, str | None]:
    said = text_at(debtor, "descriptions", 0, "full")
    return ("insolvent" if number_at(debtor, "debtorRiskValue") == DRA_WORST else "unknown"), said
