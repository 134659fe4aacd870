"""Write the locks from the ``requirements*.in``: python tools/lock.py [PACKAGE ... | --upgrade].

Needs uv and a registry. What is locked keeps its version, except the packages that are named, or
all with ``--upgrade``.

One resolution for Python 3.11 to 3.13 and every platform, each package in one version and with its
hashes. requirements.lock is the study; the other locks hold what their file adds to it.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("lab", "checks", "docs")


def compiled(names: list[Path], constraint: Path) -> dict[str, str]:
    """Resolve; return package and marker -> its block of the lock."""
    command = ["uv", "pip", "compile", "--universal", "--generate-hashes", "--no-header"]
    command += ["--no-annotate", "--quiet", "--python-version", "3.11", "--fork-strategy", "fewest"]
    command += ["--constraint", str(constraint), *map(str, names)]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    blocks = re.split(r"\n(?=[\w.-]+==)", text.strip())
    return {block.splitlines()[0].rstrip(" \\"): block for block in blocks}


def pinned(free: list[str]) -> list[str]:
    """Return the present pins, but those of ``free``."""
    locks = "" if "--upgrade" in free else "".join(p.read_text() for p in ROOT.glob("*.lock"))
    pins = re.findall(r"^([\w.-]+)==([^\s;\\]+)", locks, re.MULTILINE)
    return [f"{name}=={version}" for name, version in pins if name not in free]


def name_of(block: str) -> str:
    return block.partition("==")[0]


def main() -> int:
    """Write the four locks; 1 where a package would be locked in two versions."""
    inputs = [ROOT / "requirements.in", *(ROOT / f"requirements-{name}.in" for name in EXTRAS)]
    with tempfile.TemporaryDirectory() as folder:
        limits = Path(folder) / "limits.txt"
        limits.write_text("\n".join(pinned(sys.argv[1:])) + "\n", encoding="utf-8")
        everything = compiled(inputs, limits)
        pins = Path(folder) / "pins.txt"
        pins.write_text("\n".join(everything) + "\n", encoding="utf-8")
        names = [name_of(block) for block in everything]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            print(f"error: two versions of {', '.join(doubled)}", file=sys.stderr)
            return 1
        study = compiled(inputs[:1], pins)
        for path in inputs:
            wanted = study if path == inputs[0] else compiled([inputs[0], path], pins)
            known = {name_of(block) for block in study} if path != inputs[0] else set()
            kept = [block for head, block in wanted.items() if name_of(head) not in known]
            path.with_suffix(".lock").write_text("\n".join(kept) + "\n", encoding="utf-8")
            print(f"{path.with_suffix('.lock').name}: {len(kept)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
