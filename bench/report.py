"""The table of a benchmark run: what was asked, what was reached, on which machine."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `met` is None for a figure that no target asks for."""

    name: str
    asked: str
    reached: str
    met: bool | None
    detail: str = ""


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """Return what the figures were measured on."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = round(psutil.virtual_memory().total / 2**30)
    model = models[0] if models else platform.machine()
    return f"{model}, {os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}"


def table(rows: Iterable[Row]) -> str:
    """Return the rows as Markdown."""
    lines = ["| what | asked | reached | | how |", "| --- | --- | --- | --- | --- |"]
    marks = {True: "met", False: "**missed**", None: ""}
    lines += [f"| {row.name} | {row.asked} | {row.reached} | {marks[row.met]} | {row.detail} |" for row in rows]
    return "\n".join(lines)
