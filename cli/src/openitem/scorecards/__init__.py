"""How good the scorecard's financial part is, measured on companies of which it is known whether they failed."""
