"""The words that matching knows, in the languages payers write: what a number is the number of, what a name may drop."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words for a number: they say nothing about what is numbered.
NUMBER_WORDS = _words("NR NO NUMMER NUMBER ID")

# Words for a document of ours.
DOCUMENT_WORDS = NUMBER_WORDS | _words(
    """
    INVOICE INV BILL DOC DOCUMENT REF RECHNUNG RECHNUNGEN RECHNR RECHNUNGSNR RG RE BELEG FACTUUR FACTUURNR FACTUURNUMMER
    FAKTURA FACTURE FATTURA FACTURA FV
    """
)

# A number behind one of these words is not a document of ours.
OTHER_THINGS = _words(
    """
    KUNDE KUNDENNR KUNDENNUMMER KD KDNR CUSTOMER CUST CLIENT DEBITOR KLANT KLANTNR ACCOUNT ACCT KONTO KTO
    PO ORDER BESTELLUNG BESTELLNR AUFTRAG AUFTRAGSNR MANDAT MANDATE MREF CRED TEL TELEFON PHONE FAX MOBIL
    BIC BLZ IBAN STEUERNR UST USTID VAT PLZ PAGE SEITE KFN TAN
    """
)

# Legal forms and fillers that a bank or a payer leaves out of a name as it likes.
LEGAL_FORMS = _words(
    """
    gmbh mbh ag kg ohg ug se co kgaa ek ev gbr ltd limited plc llc llp inc incorporated corp corporation company
    bv nv vof cv sa sas sarl sprl srl spa sro as ab oy oyj aps zoo sp z o und and the
    """
)

# The reasons a customer may give for paying less, by their codes.
REASON_CODES = _words(
    """
    price quantity shortage damage quality freight tax late_delivery penalty promotion rebate unearned_discount
    duplicate returned_goods missing_pod missing_po contract_terms
    """
)
