"""All benchmarks in one run: our time beside that of other programs, as ratios.

``make bench`` prints the table and writes it to ``benchmarks/RESULTS.txt`` with the machine
described; ``--only bench_space`` does one part and writes it in its place there. ``--quick``
leaves out what takes minutes and gigabytes. No test asserts a time: what counts is the ratio to
a peer that ran on the same machine in the same minutes.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = (
    "bench_trees",
    "bench_space",
    "bench_assign",
    "bench_certainty",
    "bench_bootstrap",
    "bench_multiverse",
)
MARK = "== "
PACKAGES = ("numpy", "scipy", "scikit-learn", "fastcluster", "numba", "pandas")


def machine() -> list[str]:
    """What the times were measured on."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    return [
        f"{cpu}, {os.cpu_count()} core(s), {platform.system()}, Python {platform.python_version()}",
        ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    ]


def table(rows: list[dict]) -> list[str]:
    """One line a comparison; what was compared is above its lines."""
    lines, last = [], None
    for row in rows:
        if row["what"] != last:
            last = row["what"]
            lines += ["", last, f"  {'hclustkit':<44}{row['seconds']:>12.5f} s"]
        line = f"  {row['other'] or '-':<44}{row['other_seconds']:>12.5f} s"
        if row["other_seconds"]:
            line += f"{row['seconds'] / row['other_seconds']:>10.3f} x"
        if row.get("note"):
            line += f"  ({row['note']})"
        lines.append(line)
    return lines


def kept() -> dict[str, str]:
    """The parts of the file as it is, by the name of the benchmark."""
    file = HERE / "RESULTS.txt"
    found = file.read_text(encoding="utf-8").split(f"\n{MARK}") if file.is_file() else []
    return {part.split("\n", 1)[0]: part.rstrip() for part in found}


def main() -> int:
    """Run all or one, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=PARTS)
    given = parser.parse_args()
    sys.path.insert(0, str(HERE))
    parts = kept()
    for name in [given.only] if given.only else PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        module = importlib.import_module(name)
        small = given.quick and name in ("bench_trees", "bench_space")
        rows = module.rows(quick=True) if small else module.rows()
        parts[name] = "\n".join([name, *machine(), *table(rows)])
        print(parts[name], flush=True)
    if not given.quick:
        head = ["ratio: our time over the other's; a goal is the most it may be"]
        lines = [f"{MARK}{parts[name]}" for name in PARTS if name in parts]
        old = [text for name, text in parts.items() if name not in (*PARTS, head[0])]
        text = "\n\n".join([*head, *lines, *([] if not given.only else old)])
        (HERE / "RESULTS.txt").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
