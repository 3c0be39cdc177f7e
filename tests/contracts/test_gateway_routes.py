"""The gateway's table of routes against the routes that the services really have."""

import importlib
from typing import Any

import pytest

from gateway.documents.domain import same_shape
from gateway.documents.use_cases import scopes_of
from gateway.upstreams import DAY_RUNS, ROUTES, SERVICES

Operations = dict[tuple[str, str], str | None]

DAY_RUN = ("POST", "/v1/days/{}/run")
JOB = ("GET", "/v1/jobs/{}")


def operations_of(service: str) -> Operations:
    """Return the scope of each public operation of a service's app, by method and shape of path."""
    package = service.replace("-", "_")
    app = importlib.import_module(f"{package}.app")
    settings = importlib.import_module(f"{package}.settings")
    made: Any = getattr(settings, f"{service.removesuffix('-service').capitalize()}Settings")(
        profile="local", database_url="postgresql://openitem@127.0.0.1:9/openitem"
    )
    scopes = scopes_of(app.create_app(made))
    return {(method, same_shape(path)): scope for (method, path), scope in scopes.items() if path.startswith("/v1/")}


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_passes_on_every_operation_of_a_service_under_the_scope_it_asks_for(service: str) -> None:
    theirs = operations_of(service)
    theirs.pop(DAY_RUN, None)
    passed_on = {
        (route.method, same_shape(route.path)): route.scope
        for route in ROUTES
        if route.service == service and not route.path.startswith("/v1/jobs/")
    }
    if any(route.path.startswith("/v1/jobs/") for route in ROUTES if route.service == service):
        passed_on[JOB] = None

    assert passed_on == theirs


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_runs_the_day_in_every_service_that_has_something_to_do_on_it(service: str) -> None:
    theirs = operations_of(service)

    assert (DAY_RUN in theirs) == (service in DAY_RUNS)
    assert theirs.get(DAY_RUN, "days:run") == "days:run"
