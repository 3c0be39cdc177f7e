"""The rules of customers' master data: what may be shown, what is searched, what a change is, who belongs to whom."""
