"""What ``make check`` runs: the lints side by side with the fast tests; their words come last."""

from __future__ import annotations

import subprocess
import sys

LINTS = (
    ("-m", "mypy"),
    ("-c", "from importlinter.cli import lint_imports_command as f; f()"),
    ("-m", "ruff", "check", "."),
    ("-m", "ruff", "format", "--check", "."),
)
FAST_TESTS = ("-m", "pytest", "-n", "2", "@tests/fast.txt")


def main() -> int:
    """Run everything, and return the number of what failed."""
    lints = [
        subprocess.Popen(
            [sys.executable, *lint], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for lint in LINTS
    ]
    failed = subprocess.run([sys.executable, *FAST_TESTS], check=False).returncode != 0
    for lint in lints:
        print(lint.communicate()[0].strip(), flush=True)
    return failed + sum(lint.returncode != 0 for lint in lints)


if __name__ == "__main__":
    sys.exit(main())
