"""Exchange rates: what the owner of the stored rates, credit-service, says of a day. Nothing of them is kept here."""
