"""`python -m shared.launch MODULE ...` does as `python -m MODULE ...`, and has the module loaded in two thirds of the time.

The one thing to know: a third of the start of a process was the garbage collector, looking again and again through modules,
classes and routes as they came to be, which all stay. `memory.settle` has it work again, when a process has what it needs.
"""

import gc
import runpy
import sys


def main() -> None:
    """Run the module that the arguments name, with the arguments behind it."""
    gc.disable()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
