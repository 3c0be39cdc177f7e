"""The Compose file: valid by the specification's own schema, and the same system as `openitem run`."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from openitem.local.roles import PARTS, ROLES, ROOT, Role

COMPOSE_FILE = ROOT / "docker-compose.yml"
SCHEMA = "builtin_schemas/vendor/compose-spec.json"
LITERAL_PASSWORD = re.compile(r"://[^:/@\s]+:(?!\$\{)[^@\s]+@")


class StrictLoader(yaml.SafeLoader):
    """Refuses a key written twice, as Compose does and PyYAML does not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        written = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        assert len(written) == len(set(written)), f"a key is written twice near line {node.start_mark.line + 1}"
        return super().construct_mapping(node, deep)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(COMPOSE_FILE.read_text(), StrictLoader)
    return document


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((files("check_jsonschema") / SCHEMA).read_text())
    return document


def test_the_file_is_valid_by_the_compose_specification(compose: dict[str, Any], schema: dict[str, Any]) -> None:
    validator_for(schema)(schema).validate(compose)


def test_the_schema_refuses_an_unknown_key(compose: dict[str, Any], schema: dict[str, Any]) -> None:
    broken = {**compose, "services": {"postgres": {"imagee": "postgres:18"}}}
    assert not validator_for(schema)(schema).is_valid(broken)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_process_of_a_local_run_is_a_container(compose: dict[str, Any], role: Role) -> None:
    container = compose["services"][role.name]
    assert container["command"] == [role.module]
    assert container["environment"]["OPENITEM_DATABASE_URL"].endswith(f"@postgres:5432/{role.part.database}")
    assert "healthcheck" in container


def test_no_container_is_anything_else(compose: dict[str, Any]) -> None:
    expected = {role.name for role in ROLES} | {f"{part.name}-migrations" for part in PARTS}
    assert set(compose["services"]) == expected | {"postgres", "rabbitmq"}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_role_starts_after_its_migrations_and_the_broker(compose: dict[str, Any], role: Role) -> None:
    waits_for = compose["services"][role.name]["depends_on"]
    assert waits_for[f"{role.part.name}-migrations"]["condition"] == "service_completed_successfully"
    assert waits_for["rabbitmq"]["condition"] == "service_healthy"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_image_is_built_from_its_own_workspace_member(compose: dict[str, Any], part: Any) -> None:
    build = compose["services"][f"{part.name}-migrations"]["build"]
    assert build["args"]["FOLDER"] == part.folder
    assert f'name = "{build["args"]["MEMBER"]}"' in (ROOT / part.folder / "pyproject.toml").read_text()
    assert (ROOT / build["dockerfile"]).is_file()


def test_the_gateway_is_ready_only_when_every_other_process_is(compose: dict[str, Any]) -> None:
    asked = compose["services"]["gateway-api"]["environment"]["OPENITEM_READY_URLS"].split(",")
    others = {role.name for role in ROLES} - {"gateway-api"}
    assert {url.strip() for url in asked} == {f"http://{name}:8000/readyz" for name in others}


def test_the_servers_are_the_official_images(compose: dict[str, Any]) -> None:
    images = {name: compose["services"][name]["image"] for name in ("postgres", "rabbitmq")}
    assert images == {"postgres": "postgres:18", "rabbitmq": "rabbitmq:4"}


def test_every_part_gets_a_database(compose: dict[str, Any]) -> None:
    script = (ROOT / "deploy/postgres/create-databases.sh").read_text()
    listed = re.search(r"^for part in (.*); do$", script, re.MULTILINE)
    assert listed is not None
    assert listed.group(1).split() == [part.name for part in PARTS]


def test_only_the_gateway_is_published_and_only_on_loopback(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"gateway-api": ["127.0.0.1:${OPENITEM_PORT:-8080}:8000"]}


def test_every_mounted_file_exists(compose: dict[str, Any]) -> None:
    mounts = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    missing = [mount for mount in mounts if mount.startswith("./") and not (ROOT / mount.split(":")[0]).is_file()]
    assert missing == []


def test_no_password_is_written_into_the_file() -> None:
    assert LITERAL_PASSWORD.findall(COMPOSE_FILE.read_text()) == []
