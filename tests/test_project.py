"""The project as a whole: environment, manifest, README and notebooks say the same."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from checkout import listed
from hclustkit.errors import InputError
from scale import scale

from kzclusters import paths, pipeline
from kzclusters.analysis import results
from kzclusters.figures import manifest
from kzclusters.imports import closure
from kzclusters.publish.metadata import readme
from kzclusters.run.environment import environment


def door() -> ModuleType:
    """The front door, run.py, as a module."""
    found = importlib.util.spec_from_file_location("door", paths.ROOT / "run.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_jupyterlab_starts_for_root_with_a_hint_and_asks_for_no_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, given = door(), {}
    monkeypatch.setattr(run, "ROOT", str(tmp_path))
    for user, wanted in ((0, True), (1000, False)):
        monkeypatch.setattr(run.os, "geteuid", lambda user=user: user, raising=False)
        assert ("--allow-root" in run.lab(given)) == wanted
        assert ("You are root" in capsys.readouterr().out) == wanted
    folder = Path(given["JUPYTER_CONFIG_PATH"].split(run.os.pathsep)[0])
    config = json.loads((folder / "labconfig" / "page_config.json").read_text(encoding="utf-8"))
    assert config["disabledExtensions"]["@jupyterlab/apputils-extension:announcements"]
    # the explorer runs where the link of a notebook opens it
    path = folder / "labconfig" / "default_setting_overrides.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    assert settings["@jupyterlab/htmlviewer-extension:plugin"] == {"trustByDefault": True}


NOTEBOOKS = sorted(paths.NOTEBOOKS.rglob("*.ipynb"))
MANIFEST = manifest.read(paths.FIGURES / "manifest.yml")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


INPUTS = sorted(path.name for path in paths.ROOT.glob("requirements*.in"))


def locked(name: str) -> dict[str, str]:
    text = (paths.ROOT / name).read_text(encoding="utf-8")
    return {normal(n): v for n, v in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)}


def asked_for(name: str) -> list[str]:
    lines = (paths.ROOT / name).read_text(encoding="utf-8").splitlines()
    return [normal(line.split("[")[0].strip()) for line in lines if line.strip() and line[0] != "#"]


# --- environment ----------------------------------------------------------------------------
@pytest.mark.parametrize("name", INPUTS)
def test_every_package_is_locked_once_with_hashes(name: str) -> None:
    lock = name.replace(".in", ".lock")
    text = (paths.ROOT / lock).read_text(encoding="utf-8")
    study = locked("requirements.lock")
    assert set(asked_for(name)) <= {*locked(lock), *study}
    for block in re.split(r"\n(?=[\w.-]+==)", text):
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert not re.search(r"https?://|file:", text), "the lock would bind users to one mirror"
    pins = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    assert len(pins) == len(set(pins)), "one version of each package for every Python"
    if lock != "requirements.lock":
        assert not set(locked(lock)) & set(study), "it holds what it adds to the study"


def test_what_is_asked_for_is_what_the_package_needs() -> None:
    metadata = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = metadata["optional-dependencies"]
    needed = {f"requirements-{extra}.in": names for extra, names in extras.items()}
    needed["requirements.in"] = metadata["dependencies"]
    assert sorted(needed) == INPUTS
    for name, packages in needed.items():
        asked = {*asked_for(name)} - {"flit-core"}
        assert asked == {normal(package.split("[")[0]) for package in packages} - {"hclustkit"}


def test_the_locks_agree() -> None:
    found: dict[str, set[str]] = {}
    for name in INPUTS:
        for package, version in locked(name.replace(".in", ".lock")).items():
            found.setdefault(package, set()).add(version)
    assert all(len(versions) == 1 for versions in found.values()), found


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
    wanted = {*asked_for("requirements.in"), *asked_for("requirements-lab.in")}
    assert set(pinned) == wanted
    versions = locked("requirements.lock") | locked("requirements-lab.lock")
    assert pinned == {name: versions[name] for name in wanted}


def test_one_python_is_said_everywhere() -> None:
    """The range is stated in pyproject.toml; the other files hold to it."""
    metadata = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    low, high = re.fullmatch(
        r">=3\.(\d+),<3\.(\d+)", metadata["project"]["requires-python"]
    ).groups()
    assert ((3, int(low)), (3, int(high) - 1)) == (door().OLDEST, door().NEWEST)
    workflow = (paths.ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    for minor in range(int(low), int(high)):
        assert f'"3.{minor}"' in workflow
    conda = (paths.ROOT / "environment.yml").read_text(encoding="utf-8")
    container = (paths.ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8")
    (tested,) = re.findall(r"python=(3\.\d+)$", conda, re.MULTILINE)
    assert f"python:{tested}-" in container


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


@pytest.mark.cases(10)
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


def test_an_unknown_section_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        readme.render("<!-- generated: weather -->\n<!-- end: weather -->", "x.md")
    assert (caught.value.place, caught.value.value) == ("x.md", "weather")
    with pytest.raises(InputError) as caught:
        readme.render("plain", "x.md")
    assert caught.value.rule == "no-section"


@pytest.mark.parametrize("lost", ["<!-- generated: findings -->", "<!-- end: findings -->"])
def test_a_section_without_one_of_its_marks_is_refused(lost: str) -> None:
    """It would be left as it is, with the numbers of an earlier result."""
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    with pytest.raises(InputError) as caught:
        readme.render(text.replace(lost, ""), "README.md")
    assert (caught.value.place, caught.value.rule) == ("README.md", "broken-section")


@pytest.mark.parametrize("name", ["README.md", "data/README.md"])
def test_links_of_the_readme_lead_somewhere(name: str) -> None:
    text = (paths.ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http", "#")):
            assert ((paths.ROOT / name).parent / target).exists(), target


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


# --- the folder ------------------------------------------------------------------------------
def test_nothing_stray_lies_at_the_top() -> None:
    loose = {name for name in listed() if "/" not in name and (paths.ROOT / name).is_file()}
    kinds = {".md", ".toml", ".yml", ".yaml", ".lock", ".in", ".cff", ".py", ".json", ".sha256"}
    named = {"Makefile", "LICENSE", "LICENSE-TEXT-AND-FIGURES", ".gitattributes", ".gitignore"}
    assert not [name for name in loose - named if Path(name).suffix not in kinds]


# --- the pipeline ---------------------------------------------------------------------------
NOTEBOOK_STEPS = list(pipeline.notebooks())


def test_every_step_is_stated_whole() -> None:
    steps = pipeline.steps()
    made = [file for step in steps.values() for file in step.writes]
    assert len(made) == len(set(made)), "a file that two steps write"
    before: set[str] = set()
    for step in steps.values():
        read = {file for file in step.sources() if "#" not in file}
        later = read.intersection(made) - before
        assert not later, f"{step.name} reads what a later step writes: {later}"
        before |= set(step.writes)
        for file in read - set(made):
            assert (paths.ROOT / file).is_file(), (step.name, file)
        assert step.code(), f"{step.name}: nothing executes it"


def test_every_table_and_figure_has_its_step() -> None:
    assert {path.name for path in paths.PROCESSED.iterdir()} == set(pipeline.OUTPUTS)
    drawn = {file for name in NOTEBOOK_STEPS for file in pipeline.figure_files(name)}
    assert drawn == {
        f"figures/{path.name}" for path in paths.FIGURES.iterdir() if path.name != "manifest.yml"
    }
    with pytest.raises(InputError) as caught:
        pipeline.writer("data/processed/weather.csv")
    assert caught.value.rule == "no-step"


@pytest.mark.long("code of the steps", "what each notebook loads is what its step lists")
@pytest.mark.parametrize("name", scale(NOTEBOOK_STEPS[3:4], NOTEBOOK_STEPS))
def test_the_code_of_a_step_is_what_its_notebook_imports(name: str) -> None:
    """What Python itself loads for the imports of the notebook is among the files listed."""
    step = pipeline.notebooks()[name]
    imports = [
        ast.unparse(node)
        for cell in nbformat.read(paths.ROOT / step.file, as_version=4).cells
        if cell.cell_type == "code"
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    code = "\n".join([*imports, "import sys"]) + (
        "\nfor m in list(sys.modules.values()):"
        "\n    f = getattr(m, '__file__', None) or ''"
        "\n    if m.__name__.partition('.')[0] in ('kzclusters', 'hclustkit'): print(f)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    loaded = {Path(line).relative_to(paths.ROOT).as_posix() for line in done.stdout.splitlines()}
    assert len(loaded) > 5 and loaded <= set(step.code())


def test_data_beside_a_module_belong_to_it() -> None:
    code = closure(["kzclusters.evidence.indicators"])
    assert "src/kzclusters/evidence/indicators.yml" in code
    assert not any(file.startswith("src/kzclusters/publish") for file in code)


def test_source_and_product_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    text = "Words.\n<!-- generated: x -->\nold\n<!-- end: x -->\n"
    (tmp_path / "a.md").write_text(text)
    note = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1", id="c")])
    nbformat.write(note, tmp_path / "a.ipynb")
    before = [pipeline.fingerprint(f"{name}#source") for name in ("a.md", "a.ipynb")]
    whole = [pipeline.fingerprint(name) for name in ("a.md", "a.ipynb")]
    (tmp_path / "a.md").write_text(text.replace("old", "new"))
    note.cells[0].outputs = [nbformat.v4.new_output("stream", text="2")]
    nbformat.write(note, tmp_path / "a.ipynb")
    assert [pipeline.fingerprint(f"{name}#source") for name in ("a.md", "a.ipynb")] == before
    assert all(
        pipeline.fingerprint(n) != w for n, w in zip(("a.md", "a.ipynb"), whole, strict=True)
    )
    (tmp_path / "a.md").write_text(text.replace("Words", "Other words"))
    note.cells[0].source = "1 + 2"
    nbformat.write(note, tmp_path / "a.ipynb")
    for name, old in zip(("a.md", "a.ipynb"), before, strict=True):
        assert pipeline.fingerprint(f"{name}#source") != old
    (tmp_path / "a.ipynb").write_text("{ cut")
    assert pipeline.fingerprint("a.ipynb#source") is None


def test_parameters_that_a_run_injects_leave_the_source_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise another choice in study.yml would stop the build that follows it."""
    monkeypatch.setattr(pipeline.paths, "ROOT", tmp_path)
    cell = {"cell_type": "code", "source": "year = 2013", "metadata": {"tags": ["parameters"]}}
    injected = cell | {"source": "year = 2014", "metadata": {"tags": ["injected-parameters"]}}
    found = []
    for cells in ([cell], [cell, injected]):
        (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
        found.append(pipeline.fingerprint("a.ipynb#source"))
    assert found[0] == found[1] is not None
