"""Documents as the ERP posts them: invoices, memos and down-payment requests, by themselves or in batches; each makes items."""
