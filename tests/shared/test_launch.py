import subprocess
import sys
from pathlib import Path

PROGRAM = """
import gc, sys
from shared.memory import settle
before = gc.isenabled()
settle()
print(__name__, sys.argv[1:], before, gc.isenabled())
raise SystemExit(3)
"""


def test_a_launched_module_runs_as_by_python_itself_with_the_garbage_collector_put_off_until_it_settled(
    tmp_path: Path,
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)

    done = subprocess.run(
        [sys.executable, "-m", "shared.launch", "program", "one", "--two"], cwd=tmp_path, capture_output=True, text=True
    )

    assert (done.stdout, done.returncode) == ("__main__ ['one', '--two'] False True\n", 3), done.stderr


def test_migrations_have_the_garbage_collector_at_work(tmp_path: Path) -> None:
    (tmp_path / "env.py").write_text("import gc\nprint(gc.isenabled())\n")
    (tmp_path / "versions").mkdir()

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "shared.launch",
            "shared.migrate",
            str(tmp_path),
            "postgresql://nobody@127.0.0.1:9/none",
        ],
        capture_output=True,
        text=True,
    )

    assert done.stdout == "True\n", done.stderr
