"""What was done to get paid: calls, mails, visits and notes, with what came of them and what is next."""
