"""A chart of accounts.

The one thing to know: postings go to the accounts that `ledger.domain.Account` names; a chart says what the general ledger
calls them. What a company does not name itself has the number and name of the default chart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cashapp_service.ledger.domain import Account
from shared.errors import InvalidError


class AccountTwiceError(InvalidError):
    """An account has two labels."""

    code = "account_twice"

    def __init__(self, account: str, position: int) -> None:
        super().__init__(f"{account} stands twice in the chart: send it once.", field=f"accounts.{position}.account")


@dataclass(frozen=True, slots=True)
class Label:
    """What the general ledger calls an account."""

    number: str
    name: str


DEFAULT_CHART: Mapping[str, Label] = {
    Account.RECEIVABLES: Label("1200", "Trade receivables"),
    Account.ALLOWANCE: Label("1240", "Allowance for doubtful accounts"),
    Account.CASH: Label("1800", "Cash clearing"),
    Account.EXCHANGE_CLEARING: Label("1890", "Currency exchange clearing"),
    Account.UNAPPLIED_CASH: Label("3270", "Unapplied cash"),
    Account.ON_ACCOUNT_CASH: Label("3271", "Payments on account"),
    Account.UNIDENTIFIED_CASH: Label("3272", "Unidentified cash"),
    Account.DOWN_PAYMENTS: Label("3280", "Down payments received"),
    Account.TAX: Label("3800", "Sales tax payable"),
    Account.REVENUE: Label("4400", "Revenue"),
    Account.CREDIT_MEMOS: Label("4700", "Sales deductions"),
    Account.CASH_DISCOUNT: Label("4730", "Cash discount granted"),
    Account.TOLERANCE: Label("4790", "Payment differences"),
    Account.FEES: Label("4830", "Fees charged"),
    Account.EXCHANGE_GAIN: Label("4840", "Exchange gains"),
    Account.RECOVERIES: Label("4925", "Recoveries of receivables written off"),
    Account.EXCHANGE_LOSS: Label("6880", "Exchange losses"),
    Account.BAD_DEBT: Label("6930", "Bad debt expense"),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of one company code; `own` is what it names itself. Version 0 is the default chart."""

    company_code: str
    version: int = 0
    own: Mapping[str, Label] = field(default_factory=dict)

    def label(self, account: str) -> Label:
        """Return what the general ledger calls an account; that of a house bank is posted under its number already."""
        return self.own.get(account) or DEFAULT_CHART.get(account) or Label(account, "House bank")

    @property
    def labels(self) -> dict[str, Label]:
        """Every posting account with its label, by number."""
        found = {str(account): self.label(account) for account in Account}
        return dict(sorted(found.items(), key=lambda one: (one[1].number, one[0])))


def labels_of(named: Iterable[tuple[str, Label]]) -> dict[str, Label]:
    """Return labels by account; raise `AccountTwiceError`. One that is the default's is none of the company's own."""
    found: dict[str, Label] = {}
    for position, (account, label) in enumerate(named):
        if account in found:
            raise AccountTwiceError(account, position)
        found[account] = label
    return {account: label for account, label in found.items() if label != DEFAULT_CHART[account]}


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of all company codes: the own ones, and the default one for the rest."""

    own: Mapping[str, Chart]
    _default: Chart = Chart("")

    def label(self, company_code: str, account: str) -> Label:
        """Return what a company's general ledger calls an account."""
        return self.own.get(company_code, self._default).label(account)
