"""Who paid: accounts, names in all spellings, customer numbers, learned payers, and contradictions."""

from decimal import Decimal

import pytest

from cashapp_service.matching.domain import Customer, LearnedPayer, Method
from tests.cashapp.matching.builders import ACME, BOLT, against, best, item, proposals, receipt, taken


def test_a_known_account_names_the_customer_however_it_is_written() -> None:
    found = best(receipt("100.00", payer_account="de89 3704 0044 0532 0130 00"), item("RE-1"))
    assert (found.customer_id, found.method) == ("C-100", Method.AMOUNT_EXACT)
    assert not found.automatic


@pytest.mark.parametrize(
    "name",
    [
        "Bolt Müller & Söhne KG",
        "BOLT MUELLER UND SOEHNE",
        "Bolt Muller + Sohne KG.",
        "bolt müller & söhne",
        "Bolt Mueller und Soeh",
        "Bolt Mueller Soehne Zentralkasse",
    ],
)
def test_a_name_is_known_in_all_its_spellings(name: str) -> None:
    assert best(receipt("100.00", payer_name=name), item("RE-1", customer=BOLT)).customer_id == "C-200"


@pytest.mark.parametrize("name", ["Bolt", "Müller", "GmbH", "KG", "", "!!!", "Acme Holding"])
def test_a_part_of_a_name_is_no_name(name: str) -> None:
    assert proposals(receipt("100.00", payer_name=name), item("RE-1", customer=BOLT)) == ()


def test_a_customer_number_in_the_text_names_the_customer() -> None:
    found = best(receipt("100.00", "Kunde C-200"), item("RE-1", customer=BOLT))
    assert (found.customer_id, found.method) == ("C-200", Method.AMOUNT_EXACT)


@pytest.mark.parametrize(
    "learned", [LearnedPayer("C-100", payer_account="FR76 1"), LearnedPayer("C-100", None, "Chef SA")]
)
def test_a_learned_payer_is_known(learned: LearnedPayer) -> None:
    paid = receipt("100.00", payer_account="FR761", payer_name="CHEF S.A.")
    assert best(paid, item("RE-1"), learned=(learned,)).customer_id == "C-100"
    assert proposals(paid, item("RE-1")) == ()


def test_an_unknown_payer_who_names_nothing_gets_no_proposal() -> None:
    assert proposals(receipt("100.00", "thank you", payer_name="Nobody"), item("RE-1001")) == ()


def test_a_named_document_is_applied_for_an_unknown_payer() -> None:
    assert best(receipt("100.00", "RE-1001", payer_name="Aunt Erna"), item("RE-1001")).automatic


@pytest.mark.parametrize(
    "facts", [{"payer_account": BOLT.bank_accounts[0]}, {"payer_name": "Bolt Müller & Söhne"}], ids=["account", "name"]
)
def test_a_payer_known_as_another_customer_stops_the_automatic_application(facts: dict[str, str]) -> None:
    found = best(receipt("100.00", "RE-1001", **facts), item("RE-1001"))
    assert (found.customer_id, taken(found)) == ("C-100", {"RE-1001": "100.00"})
    assert not found.automatic
    assert "C-200" in against(found)


def test_a_known_account_makes_it_surer_than_an_unknown_one() -> None:
    known = best(receipt("100.00", "RE-1001", payer_account=ACME.bank_accounts[0]), item("RE-1001"))
    unknown = best(receipt("100.00", "RE-1001"), item("RE-1001"))
    assert Decimal(1) > known.confidence > unknown.confidence


def test_an_account_of_two_customers_is_no_proof_of_either() -> None:
    twins = tuple(Customer(customer_id, (), ACME.bank_accounts) for customer_id in ("C-1", "C-2"))
    found = proposals(
        receipt("100.00", payer_account=ACME.bank_accounts[0]), item("RE-1", customer=twins[0]), customers=twins
    )
    assert found[0].confidence <= Decimal("0.60")
    assert "one of 2 customers" in against(found[0])


def test_a_customer_given_with_the_receipt_is_the_only_one_proposed() -> None:
    found = proposals(receipt("100.00", "RE-1001", customer_id="C-200"), item("RE-1001"), item("RE-7", customer=BOLT))
    assert {one.customer_id for one in found} == {"C-200"}
    assert not any(one.automatic for one in found)
