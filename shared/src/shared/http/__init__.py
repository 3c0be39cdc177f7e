"""The HTTP edge that every service shares: problems, authentication, idempotency, versions, pages, health."""
