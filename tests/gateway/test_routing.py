from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing import OtherMethods, RouteTable, is_plain
from gateway.upstreams import ROUTES, UpstreamRoute


def route(method: str, path: str) -> UpstreamRoute:
    return UpstreamRoute(method, path, "credit-service", None)


TABLE = RouteTable(
    [
        route("GET", "/v1/disputes/{dispute_id}"),
        route("GET", "/v1/disputes/trends"),
        route("POST", "/v1/disputes/{dispute_id}/notes"),
        route("GET", "/v1/jobs/crj_{job_id}"),
        route("GET", "/v1/jobs/caj_{job_id}"),
    ]
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v1/disputes/dsp_1", "/v1/disputes/{dispute_id}"),
        ("/v1/disputes/trends", "/v1/disputes/trends"),
        ("/v1/jobs/crj_1", "/v1/jobs/crj_{job_id}"),
        ("/v1/jobs/caj_1", "/v1/jobs/caj_{job_id}"),
    ],
)
def test_a_path_finds_its_route_and_the_literal_one_wins(path: str, found: str) -> None:
    at = TABLE.find("GET", path)

    assert isinstance(at, UpstreamRoute)
    assert at.path == found


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/disputes", "/v1/disputes/dsp_1/", "/v1/disputes/dsp_1/notes/1", "/v1/jobs/gwj_1", "/v2/x"]
)
def test_a_path_that_no_service_has_finds_nothing(path: str) -> None:
    assert TABLE.find("GET", path) is None


def test_a_literal_segment_does_not_hide_what_lies_below_a_parameter() -> None:
    assert isinstance(TABLE.find("POST", "/v1/disputes/trends/notes"), UpstreamRoute)


def test_another_method_is_told_which_ones_there_are() -> None:
    assert TABLE.find("DELETE", "/v1/disputes/dsp_1") == OtherMethods(("GET",))


def test_no_operation_is_there_twice() -> None:
    RouteTable(ROUTES)
    with pytest.raises(AssertionError, match="twice"):
        RouteTable([*ROUTES, ROUTES[0]])


@pytest.mark.parametrize(
    "path", ["/", "/v1/items", "/v1/customers/C%201", "/v1/customers/M%C3%BCller", "/docs/", "/a.b/..c"]
)
def test_an_ordinary_path_is_plain(path: str) -> None:
    assert is_plain(path)


@pytest.mark.parametrize(
    "path",
    [
        "//v1/items",
        "/v1//items",
        "/v1/../v1/items",
        "/v1/items/..",
        "/v1/items/.",
        "/v1/items/%2e%2e/holds",
        "/v1/items/%2E",
        "/v1/customers/a%2fb",
        "/v1/customers/a%5Cb",
        "/v1/customers/a\\b",
        "/v1/customers/a%00",
        "/v1/customers/a%0d%0aX-Evil:1",
        "/v1/customers/%7f",
        "/v1/customers/%ff",
        "/v1/items/\x7f",
        "/v1/items/\x00",
        "v1/items",
        "",
        "/" + "a" * 2_000,
    ],
)
def test_a_path_that_could_be_read_differently_further_in_is_not_plain(path: str) -> None:
    assert not is_plain(path)


@given(st.lists(st.sampled_from(["", ".", "..", "%2e", "%2F", "a", "%41", "\\", "x.y"]), max_size=5))
def test_a_plain_path_has_as_many_segments_decoded_as_it_had_on_the_wire(segments: list[str]) -> None:
    path = "/" + "/".join(segments)
    if is_plain(path):
        decoded = unquote(path)
        assert decoded.count("/") == path.count("/")
        assert not {"..", "."} & set(decoded.split("/"))
