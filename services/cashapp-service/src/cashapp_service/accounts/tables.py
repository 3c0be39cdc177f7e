"""One row per company code that names accounts itself; what has no row has the default chart."""

from datetime import datetime

from sqlmodel import Field

from cashapp_service.accounts.domain import Chart, Label
from cashapp_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class ChartRow(Row, table=True):
    """A chart of accounts; `labels` has number and name by account."""

    __tablename__ = "charts_of_accounts"

    company_code: str = Field(primary_key=True, max_length=20)
    version: int
    labels: dict[str, list[str]] = Field(sa_type=DOCUMENT)
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=INSTANT)


def to_chart(row: ChartRow) -> Chart:
    """Return the chart of a row."""
    own = {account: Label(number, name) for account, (number, name) in row.labels.items()}
    return Chart(row.company_code, row.version, own)
