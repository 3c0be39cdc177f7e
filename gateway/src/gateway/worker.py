"""The worker role: writes the event log and runs business days."""

from gateway.access.service_tokens import service_tokens
from gateway.client import Upstreams
from gateway.days.jobs import RUN_DAY, DayRun
from gateway.event_log.handlers import EVERY_EVENT
from gateway.settings import GatewaySettings
from shared.worker import run, run_worker


async def work(settings: GatewaySettings) -> None:
    """Work until SIGTERM."""
    async with Upstreams(settings.upstreams, silence_seconds=settings.upstream_timeout_seconds) as upstreams:
        await run_worker(
            settings,
            service="gateway",
            subscriptions={},
            job_functions={RUN_DAY: DayRun(upstreams, service_tokens(settings))},
            every_event=EVERY_EVENT,
        )


def main() -> None:
    """Run the worker role."""
    run(work(GatewaySettings()))


if __name__ == "__main__":
    main()
