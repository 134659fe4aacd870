"""The project as a whole: environment, manifest, README and notebooks say the same."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from hclustkit.errors import InputError

from kzclusters import paths, run
from kzclusters.analysis import results
from kzclusters.figures import manifest
from kzclusters.publish.metadata import readme

NOTEBOOKS = sorted(paths.NOTEBOOKS.rglob("*.ipynb"))
MANIFEST = manifest.read(paths.FIGURES / "manifest.yml")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    text = (paths.ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {normal(n): v for n, v in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)}


def asked_for() -> list[str]:
    lines = (paths.ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    return [normal(line.split("[")[0].strip()) for line in lines if line.strip() and line[0] != "#"]


# --- environment ----------------------------------------------------------------------------
def test_every_package_is_locked_with_hashes() -> None:
    text = (paths.ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert set(asked_for()) <= set(locked())
    for block in re.split(r"\n(?=[\w.-]+==)", text):
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert not re.search(r"https?://|file:", text), "the lock would bind users to one mirror"


def test_conda_installs_the_locked_versions() -> None:
    content = yaml.safe_load((paths.ROOT / "environment.yml").read_text(encoding="utf-8"))
    pinned = {}
    for entry in content["dependencies"]:
        if isinstance(entry, dict):
            for line in entry["pip"]:
                if "==" in line:
                    name, version = line.split("==")
                    pinned[normal(name)] = version
        elif "=" in entry and not entry.startswith("python="):
            name, version = entry.split("=")
            pinned[normal(name)] = version
    assert set(pinned) == set(asked_for())
    assert pinned == {name: locked()[name] for name in pinned}


# --- figures --------------------------------------------------------------------------------
def test_every_figure_is_in_the_manifest_and_back() -> None:
    drawn = {path.stem for path in paths.FIGURES.glob("*.png")}
    assert drawn == set(MANIFEST)
    described = {f"{name}.{kind}" for name in MANIFEST for kind in ("png", "svg")}
    described |= {entry.data for entry in MANIFEST.values()} | {"manifest.yml"}
    assert {path.name for path in paths.FIGURES.iterdir()} == described


def test_every_figure_is_drawn_by_the_notebook_that_the_manifest_names() -> None:
    for name, entry in MANIFEST.items():
        text = (paths.NOTEBOOKS / f"{entry.notebook}.ipynb").read_text(encoding="utf-8")
        assert f'\\"{name}\\"' in text, (name, entry.notebook)


def test_captions_and_alternative_texts_are_filled_from_the_results() -> None:
    filled = manifest.fill(MANIFEST, results.load())
    for entry in filled.values():
        for text in (entry.title, entry.caption, entry.alt):
            assert text.strip() and "{" not in text


@pytest.mark.parametrize("name", MANIFEST)
def test_a_figure_carries_its_alternative_text(name: str) -> None:
    entry = manifest.fill({name: MANIFEST[name]}, results.load())[name]
    svg = (paths.FIGURES / f"{name}.svg").read_text(encoding="utf-8")
    described = re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)
    assert 'role="img"' in svg and described
    assert " ".join(entry.alt.split())[:60] in " ".join(described[1].split()).replace("&amp;", "&")


def test_figure_data_are_the_results_that_they_draw() -> None:
    """nbval does not compare pictures: the data beside them are compared with the tables."""
    processed = paths.PROCESSED
    for figure, table in {
        "proximity_matrix": "proximity_matrix.csv",
        "dendrogram": "agglomeration_schedule.csv",
        "icicle": "cluster_membership.csv",
        "silhouettes": "silhouettes.csv",
        "cluster_profiles": "cluster_profiles.csv",
        "cluster_recovery": "recovery.csv",
        "coassociation": "coassociation.csv",
        "variance_shares": "variance_shares.csv",
        "leave_out": "leave_out.csv",
    }.items():
        drawn = pd.read_csv(paths.FIGURES / MANIFEST[figure].data)
        pd.testing.assert_frame_equal(drawn, pd.read_csv(processed / table), obj=figure)


# --- notebooks ------------------------------------------------------------------------------
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_executed_clean_and_without_traces(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(?:root|home|tmp|Users)/[A-Za-z.]", text), "a path of one machine"
    assert "PosixPath(" not in text and str(paths.ROOT) not in text, "a path of one machine"
    assert not re.search(r" at 0x[0-9a-f]{6,}", text), "an address of one run"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "not executed top to bottom"
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")
            if "image/png" in output.get("data", {}):
                shown = output.metadata.get("image/png", {})
                assert len(shown.get("alt", "")) > 40, "a picture without alternative text"


def test_the_study_lists_the_notebooks() -> None:
    there = [path.relative_to(paths.NOTEBOOKS).with_suffix("").as_posix() for path in NOTEBOOKS]
    assert sorted(there) == sorted(run.study()["notebooks"])


# --- texts ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["README.md", "data/README.md"])
def test_generated_sections_are_current(name: str) -> None:
    text = (paths.ROOT / name).read_text(encoding="utf-8")
    assert readme.render(text, name) == text, "run make"


def test_a_changed_result_makes_the_readme_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    found = results.load()
    found["agreement"]["adjusted_rand_index"] += 0.1
    monkeypatch.setattr(results, "load", lambda folder=None: found)
    assert readme.render(text) != text


def test_an_unknown_section_is_told() -> None:
    with pytest.raises(InputError, match="'weather'"):
        readme.render("<!-- generated: weather -->\n<!-- end: weather -->", "x.md")
    with pytest.raises(InputError, match="x.md: there is no generated section"):
        readme.render("plain", "x.md")


@pytest.mark.parametrize("name", ["README.md", "data/README.md"])
def test_links_of_the_readme_lead_somewhere(name: str) -> None:
    text = (paths.ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http", "#")):
            assert ((paths.ROOT / name).parent / target).exists(), target


def test_every_table_is_described() -> None:
    there = {path.name for path in paths.PROCESSED.iterdir()}
    assert there == set(results.OUTPUTS)


def test_citation_names_the_article_and_the_version() -> None:
    content = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    from kzclusters import __version__

    assert content["version"] == __version__
    families = {author["family-names"] for author in content["references"][0]["authors"]}
    assert families == {"Turekulova", "Mukhambetova", "Chimgentbayeva"}


# --- the results against what theory says of them --------------------------------------------
def test_the_baseline_obeys_the_identities_of_ward() -> None:
    z = pd.read_csv(paths.PROCESSED / "standardized.csv", index_col=0)
    schedule = pd.read_csv(paths.PROCESSED / "agglomeration_schedule.csv")
    membership = pd.read_csv(paths.PROCESSED / "cluster_membership.csv", index_col=0)
    n, p = z.shape
    assert schedule["coefficient"].iloc[-1] == pytest.approx(p * (n - 1), rel=1e-9)
    for k in map(int, membership.columns):
        groups = z.groupby(membership[str(k)])
        within = sum(((group - group.mean()) ** 2).to_numpy().sum() for _, group in groups)
        assert schedule["coefficient"].iloc[n - k - 1] == pytest.approx(within, rel=1e-9)
        first = membership[str(k)].drop_duplicates().tolist()
        assert first == list(range(1, k + 1)), "clusters are numbered by first case"
    proximity = pd.read_csv(paths.PROCESSED / "proximity_matrix.csv", index_col=0)
    assert proximity.to_numpy().sum() / 2 == pytest.approx(n * p * (n - 1), rel=1e-9)
    assert np.array_equal(proximity, proximity.T)


def test_the_results_are_recomputed_by_other_libraries() -> None:
    """scipy and scikit-learn from the long table, without this package."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.stats import zscore
    from sklearn.metrics import adjusted_rand_score

    found = json.loads((paths.PROCESSED / "results.json").read_text(encoding="utf-8"))
    base = found["baseline"]
    long = pd.read_csv(paths.PROCESSED / "indicators.csv")
    rows = long[(long["year"] == base["year"]) & long["variant"].isna()]
    wide = rows.pivot(index="region", columns="indicator", values="value").dropna(axis=1)
    assert sorted(wide.columns) == sorted(base["indicators"])
    tree = linkage(zscore(wide.to_numpy(), ddof=1), "ward")
    labels = fcluster(tree, base["n_clusters"], "maxclust")
    published = pd.read_csv(paths.RAW / "published_clusters.csv", index_col="region")["cluster"]
    score = adjusted_rand_score(published.reindex(wide.index), labels)
    assert found["agreement"]["adjusted_rand_index"] == pytest.approx(score, rel=1e-9)


# --- make -----------------------------------------------------------------------------------
def test_make_help_names_the_targets() -> None:
    done = subprocess.run(
        ["make", "help"], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    for target in ("all:", "run:", "test:", "lab:", "bench:", "clean:", "help:"):
        assert target in done.stdout


@cache
def rules_of_make() -> str:
    """Every rule as make understands it; nothing is run."""
    return subprocess.run(["make", "-pn"], cwd=paths.ROOT, capture_output=True, text=True).stdout


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_make_knows_the_modules_of_each_notebook(path: Path) -> None:
    """What a notebook imports must make it stale; what it does not must not."""
    notebook = nbformat.read(path, as_version=4)
    imports = [
        node
        for cell in notebook.cells
        if cell.cell_type == "code"
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    code = "\n".join(map(ast.unparse, [*imports, ast.parse("import kzclusters.run, sys").body[0]]))
    code += (
        "\nfor m in sorted(sys.modules.values(), key=str):"
        "\n    f = getattr(m, '__file__', None) or ''"
        "\n    if m.__name__.partition('.')[0] == 'kzclusters': print(f)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {Path(line).relative_to(paths.ROOT).as_posix() for line in done.stdout.split()}
    rule = re.search(rf"^build/{path.stem}\.done: (.*)$", rules_of_make(), re.MULTILINE)
    assert rule
    listed = {word for word in rule[1].split() if word.endswith(".py")}
    assert imported == listed
