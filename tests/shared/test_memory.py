import subprocess
import sys


def test_what_a_process_has_loaded_is_not_looked_through_again() -> None:
    program = (
        "import gc, fastapi; from shared.memory import settle; known = len(gc.get_objects()); settle();"
        "print(gc.get_freeze_count() > known / 2, len(gc.get_objects()) < known / 2)"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.split() == ["True", "True"]
