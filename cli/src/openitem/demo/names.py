"""Words of which the demo company's customers and their complaints are made. None of them is a real company."""

from random import Random

PLACES = (
    "Nordlicht",
    "Alpenrand",
    "Morgenthal",
    "Westhafen",
    "Lindenau",
    "Brückner",
    "Silbersee",
    "Kastell",
    "Ostwind",
    "Falkenried",
)
TRADES = ("Handel", "Werkzeuge", "Lebensmittel", "Möbel", "Elektro", "Bau", "Textil", "Papier", "Pharma", "Logistik")
FORMS = ("GmbH", "AG", "KG", "OHG", "B.V.", "S.p.A.", "SARL", "Inc.")

COMPLAINTS = (
    ("price", "The price is not the one agreed."),
    ("shortage", "Fewer pieces arrived than were invoiced."),
    ("damage", "Two boxes came damaged."),
    ("freight", "Freight was to be free."),
    ("late_delivery", "The goods came after the agreed day."),
    ("missing_po", "The purchase order is missing on the invoice."),
)

CALLS = (
    "Accounts payable confirms the invoice is in the next payment run.",
    "Spoke with the manager, who promised the transfer.",
    "They had mislaid the invoice; sent it again, payment promised.",
)


def customer_names(random: Random, count: int) -> list[str]:
    """Return `count` different names, at most as many as there are pairs of place and trade."""
    pairs = [(place, trade) for place in PLACES for trade in TRADES]
    return [f"{place} {trade} {random.choice(FORMS)}" for place, trade in random.sample(pairs, count)]
