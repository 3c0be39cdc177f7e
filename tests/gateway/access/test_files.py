import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.access.clients import CLIENT_IDS, Clients
from gateway.access.files import read_or_make
from gateway.access.signing import SigningKey
from shared.security import ROLE_SCOPES


def test_a_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret.json"

    first = read_or_make(file, lambda: {"a": 1})
    second = read_or_make(file, lambda: {"a": 2})

    assert first == second == {"a": 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.json"]


def test_of_many_that_start_at_once_one_makes_the_file_and_all_read_it(tmp_path: Path) -> None:
    file = tmp_path / "secret.json"
    with ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(lambda number: read_or_make(file, lambda: {"maker": number}), range(64)))

    assert all(content == seen[0] for content in seen)


def test_two_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from gateway.access.signing import SigningKey;"
        "print(SigningKey.kept_in(pathlib.Path(sys.argv[1])).key_id)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    assert len({process.communicate(timeout=30)[0] for process in started}) == 1


def test_the_key_set_shows_nothing_private(tmp_path: Path) -> None:
    [key] = SigningKey.kept_in(tmp_path).key_set()["keys"]

    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_there_is_a_client_for_each_role_and_a_second_manager_and_controller(tmp_path: Path) -> None:
    Clients.kept_in(tmp_path)
    clients = json.loads((tmp_path / "clients.json").read_text())

    assert set(clients) == set(CLIENT_IDS) == {*ROLE_SCOPES, "credit_manager_2", "controller_2"}
    assert len(set(clients.values())) == len(clients)
    assert min(len(secret) for secret in clients.values()) >= 40
    assert stat.S_IMODE((tmp_path / "clients.json").stat().st_mode) == 0o600


def test_the_role_of_a_client_is_its_id_without_the_number() -> None:
    clients = Clients({"controller_2": "s", "erp": "t", "stranger": "u"})

    assert clients.role_of("controller_2", "s") == "controller"
    assert clients.role_of("erp", "t") == "erp"
    assert clients.role_of("stranger", "u") is None
    assert clients.role_of("erp", "s") is None
    assert clients.role_of("admin", "") is None
