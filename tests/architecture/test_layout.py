"""A capability has only the files of the house style, under these names and no others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = sorted(package.parent for package in REPOSITORY.glob("services/*/src/*/__init__.py"))

OF_A_SERVICE = {"__init__", "app", "worker", "subscriptions", "settings", "rows", "tables"}
OF_A_CAPABILITY = {"__init__", "domain", "tables", "schemas", "repository", "use_cases", "routes", "handlers", "jobs"}
NO_NOUNS = {"utils", "util", "common", "helpers", "misc", "base", "service", "services"}


def misplaced(package: Path) -> Iterator[str]:
    """Yield each file of a service's package that the house style has no place for."""
    for file in package.rglob("*.py"):
        path = file.relative_to(package)
        match path.parts:
            case (name,):
                fits = name.removesuffix(".py") in OF_A_SERVICE
            case (_, name):
                fits = name.removesuffix(".py") in OF_A_CAPABILITY
            case (_, "domain", name):
                fits = name.removesuffix(".py") not in NO_NOUNS
            case _:
                fits = False
        if not fits:
            yield str(path)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_service_has_only_files_of_the_house_style(package: Path) -> None:
    assert list(misplaced(package)) == []


@pytest.mark.parametrize(
    "path",
    [
        "helpers.py",
        "promises/service.py",
        "promises/promise_repository.py",
        "promises/domain/utils.py",
        "promises/routes/public.py",
        "promises/domain/rules/tolerance.py",
    ],
)
def test_another_file_is_noticed(tmp_path: Path, path: str) -> None:
    for name in (path, "app.py", "promises/domain.py", "promises/domain/tolerance.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert list(misplaced(tmp_path)) == [path]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_capability_says_what_it_is(package: Path) -> None:
    silent = [
        str(init.relative_to(package))
        for init in package.glob("*/__init__.py")
        if not init.read_text().startswith('"""')
    ]

    assert silent == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_service_is_told_on_one_page(package: Path) -> None:
    page = package.parents[1] / "README.md"

    assert page.is_file()
    assert len(page.read_text().splitlines()) <= 100
