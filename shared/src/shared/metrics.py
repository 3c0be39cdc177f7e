"""Prometheus metrics of messaging: what is published, consumed, refused, and how far behind it is."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS_PUBLISHED = Counter("openitem_events_published", "Events the broker confirmed", ["type"])
EVENTS_UNROUTABLE = Counter("openitem_events_unroutable", "Of the published, those no queue was bound for", ["type"])
EVENTS_CONSUMED = Counter("openitem_events_consumed", "Events applied", ["type"])
EVENTS_DUPLICATE = Counter("openitem_events_duplicate", "Events that were known and changed nothing", ["type"])
EVENTS_FAILED = Counter("openitem_events_failed", "Attempts to apply an event that failed", ["type"])
EVENTS_DEAD_LETTERED = Counter("openitem_events_dead_lettered", "Messages given to the dead letters", ["type"])
EVENT_LAG = Histogram(
    "openitem_event_lag_seconds",
    "Time from an event's fact to its effect here",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
OUTBOX_BACKLOG = Gauge("openitem_outbox_backlog", "Events that wait for the broker's confirmation")
