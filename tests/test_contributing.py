"""CONTRIBUTING.md is followed in a copy of the project, and the new pieces appear everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from checkout import listed
from scale import long_form, scale

ROOT = Path(__file__).resolve().parents[1]
NEW_CLAIM = "The region's product per worker is high."
VARIANT = """      - name: per_worker
        label: gross regional product per worker
        unit: thousand KZT per worker
        formula: grp_per_capita * pop / (employed * 1000)
        status: proxy
        differs: relates the product to workers, not to inhabitants
"""
# Small enough for every run: the grid has one year, one scaling and one linkage.
SMALL = {
    "draws": 99,
    "resamples": 10,
    "n_boot": 20,
    "gap_references": 10,
    "null_draws": 19,
    "survival_draws": 10,
    "lesson_draws": 20,
}


def _replace(path: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert count == 1, (path.name, pattern, count)
    path.write_text(text, encoding="utf-8")


def add_year(root: Path) -> None:
    """Follow "A year": the series of 2016 are there, so the study file is all."""
    _replace(root / "study.yml", r"^  years: \[.*2015\]$", f"  years: {list(range(2010, 2017))}")
    years, least = scale(("[2013]", 10), (f"{list(range(2010, 2017))}", 7))
    _replace(root / "study.yml", r"^    years: .*$", f"    years: {years}")
    _replace(root / "study.yml", r"^    min_indicators: .*$", f"    min_indicators: {least}")
    for name, value in scale(SMALL, {}).items():
        _replace(root / "study.yml", rf"^  {name}: \d+", f"  {name}: {value}")


def add_variant(root: Path) -> None:
    """Follow "An indicator, or a variant of one", for a formula of series that exist."""
    registry = root / "src/kzclusters/evidence/indicators.yml"
    text = registry.read_text(encoding="utf-8")
    head, mark, tail = text.partition("  P14:\n")
    entry, end, rest = tail.partition("\nauxiliary:")
    assert mark and end
    registry.write_text(head + mark + entry.rstrip("\n") + "\n" + VARIANT + end + rest, "utf-8")


def add_claim(root: Path) -> None:
    """Follow "A claim of the article": one row, with a test that exists."""
    path = root / "data/raw/claims.csv"
    text = path.read_text(encoding="utf-8")
    row = f'C49,VII,{NEW_CLAIM},"text after Figure 3, seventh cluster",P14,high,high,,\n'
    path.write_text(text.rstrip("\n") + "\n" + row, encoding="utf-8")


def _python(root: Path, *arguments: str) -> None:
    # the method stays in its place, so that what numba has compiled for it is found again
    trees = [str(root / "src"), str(ROOT / "packages/hclustkit/src")]
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(trees), "KZCLUSTERS_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


@pytest.fixture(scope="module")
def enlarged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with three new pieces, built as far as the form asks."""
    root = tmp_path_factory.mktemp("contributing") / "copy"
    for name in listed():
        if (ROOT / name).is_file() and not name.startswith("packages/"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    if (ROOT / "build/numba").is_dir():
        shutil.copytree(ROOT / "build/numba", root / "build/numba")
    for add in (add_year, add_variant, add_claim):
        add(root)
    _python(root, "kzclusters.evidence.sources", "seal")
    steps = scale(("03_results",), ("readme", "paper", "site", "explorer"))
    _python(root, "kzclusters.run", "build", *steps)
    return root


def _text(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.long(
    "a new piece", "a year, a variant and a claim added as CONTRIBUTING.md says appear", only=True
)
def test_new_pieces_appear_in_the_tables(enlarged: Path) -> None:
    values = pd.read_csv(enlarged / "data/processed/indicators.csv")
    new = values[(values["indicator"] == "P14") & (values["variant"] == "per_worker")]
    assert set(new["year"]) == set(range(2010, 2017))
    # in 2016 it is missing, and stays so: the mean population asks for that of 1 January 2017
    assert new["value"].notna().equals(new["year"] < 2016)
    assert values.loc[values["year"] == 2016, "value"].notna().any()
    verdicts = pd.read_csv(enlarged / "data/processed/claims.csv").set_index("id")
    before = pd.read_csv(ROOT / "data/processed/claims.csv")
    assert "C49" in verdicts.index and len(verdicts) == len(before) + 1


@pytest.mark.slow
@pytest.mark.long(
    "a new piece", "a year, a variant and a claim added as CONTRIBUTING.md says appear", only=True
)
def test_new_pieces_appear_in_the_texts(enlarged: Path) -> None:
    assert NEW_CLAIM in _text(enlarged, "notebooks/03_results.ipynb")
    assert "per_worker" in _text(enlarged, "notebooks/01_indicators.ipynb")
    assert "2016" in _text(enlarged, "figures/claim_verdicts.csv")
    if long_form():
        claims = len(pd.read_csv(enlarged / "data/raw/claims.csv"))
        assert f"{claims} claims" in _text(enlarged, "README.md")
        for page in ("README.md", "data/README.md"):
            assert "P14 (per_worker)" in _text(enlarged, page), page
        for page in ("paper/supplement.html", "site/explorer.html", "site/data/indicators.html"):
            assert "gross regional product per worker" in _text(enlarged, page), page
