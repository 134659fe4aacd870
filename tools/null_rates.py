"""Measure error and power of the null for the choice of k, and write them into its page.

    python tools/null_rates.py [tables]

Some minutes with the 2,000 tables of the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from hclustkit.validity.null import REFERENCES, power_table, rejection_rates

PAGE = Path(__file__).resolve().parents[1] / "docs/null_for_k.md"
MARK = "<!-- rates, by tools/null_rates.py -->\n"
TABLES, DRAWS, SEED = 2000, 99, 20
N, P = 16, 4
SIZES, DISTANCES = (16, 40), (2.0, 4.0, 6.0)
RELATED = np.tril(np.ones((P, P)))

Make = Callable[[np.random.Generator], np.ndarray]

OWN: dict[str, Make] = {
    "independent": lambda rng: rng.normal(size=(N, P)),
    "gaussian": lambda rng: rng.normal(size=(N, P)) @ RELATED,
    "uniform": lambda rng: rng.random((N, P)) * np.arange(P, 0, -1),
    "margins": lambda rng: np.exp(rng.normal(size=(N, P)) @ RELATED),
}
"""Tables without clusters from each reference itself."""


def with_outlier(rng: np.random.Generator) -> np.ndarray:
    """Draw related normal columns and put one row far away."""
    x = rng.normal(size=(N, P)) @ RELATED
    x[0] += 8 * np.sqrt((RELATED**2).sum(axis=0))
    return x


OTHER: dict[str, Make] = {
    "skewed columns, independent": lambda rng: np.exp(rng.normal(size=(N, P))),
    "skewed columns, related": OWN["margins"],
    "normal, related": OWN["gaussian"],
    "normal, related, one outlier": with_outlier,
}


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> list[str]:
    """Write a table in Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines] + [""]


def rates(make: Make, reference: str, tables: int, alphas: tuple[float, ...]) -> list[str]:
    """Measure rejections at several levels."""
    found = rejection_rates(
        make, reference=reference, tables=tables, draws=DRAWS, alphas=alphas, seed=SEED
    )
    return [f"{rate:.3f}" for rate in found["rate"]]


def measured(tables: int) -> list[str]:
    """Measure everything and lay it out."""
    other, planted = min(tables, max(tables // 5, 100)), min(tables, max(tables // 10, 60))
    lines = [
        f"## Error when tables come from the reference itself ({tables:,} tables of {N} × {P})",
        "",
        *table(
            ["reference", "P(p ≤ 0.01)", "P(p ≤ 0.05)", "P(p ≤ 0.10)"],
            ([name, *rates(OWN[name], name, tables, (0.01, 0.05, 0.1))] for name in REFERENCES),
        ),
        f"## P(p ≤ 0.05) when they come from elsewhere ({other:,} tables of {N} × {P})",
        "",
        *table(
            ["tables without clusters", *REFERENCES],
            (
                [kind, *(rates(make, name, other, (0.05,))[0] for name in REFERENCES)]
                for kind, make in OTHER.items()
            ),
        ),
        f"## Power at 0.05 on two planted clusters ({planted:,} tables of n × {P})",
        "",
    ]
    rows = []
    for n in SIZES:
        powers = [
            power_table(n, P, DISTANCES, reference=name, tables=planted, draws=DRAWS, seed=SEED)
            for name in REFERENCES
        ]
        for at, distance in enumerate(DISTANCES):
            rows.append([n, f"{distance:g}", *(f"{power['power'][at]:.2f}" for power in powers)])
    return lines + table(["n", "distance in standard deviations", *REFERENCES], rows)


def main() -> int:
    """Write the page."""
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else TABLES
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(MARK)
    _, _, tail = rest.partition(MARK)
    lines = "\n".join(measured(tables))
    PAGE.write_text(f"{head}{MARK}\n{lines}\n{MARK}{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
