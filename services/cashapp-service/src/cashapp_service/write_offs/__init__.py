"""A write-off gives a receivable up as it will not be paid: with evidence, an authority by amount, and four eyes."""
