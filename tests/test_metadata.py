"""Checksums, REPRODUCING.md, RO-Crate and CITATION.cff: current, complete, and agreeing."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hclustkit.errors import InputError
from rocrate import vocabs
from rocrate.rocrate import ROCrate

from kzclusters import paths, pipeline, study
from kzclusters.evidence import sources
from kzclusters.figures import manifest
from kzclusters.publish.metadata import checksums, crate, readme, reproducing

ROOT = paths.ROOT
MANIFEST = manifest.read(paths.FIGURES / "manifest.yml")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads((ROOT / crate.NAME).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def entities(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entity["@id"]: entity for entity in document["@graph"]}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def ids(value: Any) -> list[str]:
    return [item["@id"] for item in as_list(value)]


# --- current --------------------------------------------------------------------------------
def test_the_checksums_are_current() -> None:
    assert not checksums.compare(checksums.read(), checksums.compute(pipeline.tracked_files())), (
        "run make"
    )
    text = (ROOT / checksums.NAME).read_text(encoding="utf-8")
    assert text.splitlines() == sorted(text.splitlines(), key=lambda line: line[66:])


def test_reproducing_is_current() -> None:
    text = (ROOT / "REPRODUCING.md").read_text(encoding="utf-8")
    assert readme.render(text, "REPRODUCING.md") == text, "run make"


def test_the_crate_is_current() -> None:
    assert crate.text(crate.build()) == (ROOT / crate.NAME).read_text(encoding="utf-8"), "run make"


CHAIN = """
from kzclusters import paths, pipeline
from kzclusters.publish.metadata import records
seen = []
for turn in range(2):
    records.write()
    files = [paths.ROOT / name for name in pipeline.RECORDS]
    seen.append([(file.read_bytes(), file.stat().st_mtime_ns) for file in files])
assert seen[0] == seen[1]
"""


def test_a_second_run_changes_nothing_and_a_changed_figure_reaches_all(tmp_path: Path) -> None:
    """In a copy, since the files are written there."""
    for name in ("data", "docs", "figures", "notebooks", "paper"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.tmp", ".*"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path / path.name)
    altered = tmp_path / "figures" / "figure3.svg"
    altered.write_bytes(altered.read_bytes() + b"<!-- -->\n")
    environment = os.environ | {"KZCLUSTERS_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHAIN],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    new, old = sha256(altered), sha256(ROOT / "figures" / "figure3.svg")
    printed = {checksums.NAME: 64, crate.NAME: 64, "REPRODUCING.md": reproducing.DIGITS}
    for name, digits in printed.items():
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert new[:digits] in text and old[:digits] not in text, name
        assert str(tmp_path) not in text, "a path of one machine"


# --- checksums ------------------------------------------------------------------------------
def committed() -> Iterator[Path]:
    """What lies in the folders of data, figures, notebooks and paper."""
    for name in ("data", "figures", "notebooks", "paper"):
        for path in sorted((ROOT / name).rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(ROOT).parts)
            built = f"paper/{path.name}" in pipeline.PAPER and path.suffix != ".pdf"
            if path.is_file() and not hidden and path.suffix != ".tmp" and not built:
                yield path


def test_every_computed_file_is_listed() -> None:
    listed = checksums.read()
    wanted = {f"data/processed/{name}" for name in pipeline.OUTPUTS}
    wanted |= {f"figures/{name}.{kind}" for name in MANIFEST for kind in ("svg", "png")}
    wanted |= {f"figures/{entry.data}" for entry in MANIFEST.values()}
    wanted |= {f"notebooks/{name}.ipynb" for name in pipeline.notebooks()}
    wanted |= {"README.md", "data/README.md"}
    assert wanted <= set(listed)
    rest = {name for name in listed if name not in wanted}
    assert all(name.startswith("paper/") for name in rest), rest
    assert not set(pipeline.RECORDS) & set(listed)
    for name, digest in listed.items():
        assert sha256(ROOT / name) == digest, name


# --- REPRODUCING.md -------------------------------------------------------------------------
def section(name: str) -> list[list[str]]:
    text = (ROOT / "REPRODUCING.md").read_text(encoding="utf-8")
    body = re.search(rf"<!-- generated: {name} -->\n(.*?)<!-- end: {name} -->", text, re.DOTALL)
    assert body
    lines = body[1].strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_figure_has_notebook_data_command_and_hashes() -> None:
    rows = section("reproducing-figures")
    assert len(rows) == len(MANIFEST)
    for (name, entry), row in zip(MANIFEST.items(), rows, strict=True):
        figure, notebook, data, command, picture_hash, data_hash = row
        assert f"(figures/{name}.svg)" in figure
        assert notebook == f"[{entry.notebook}.ipynb](notebooks/{entry.notebook}.ipynb)"
        assert f"(figures/{entry.data})" in data
        assert command == f"`make {entry.notebook}`"
        assert picture_hash == f"`{sha256(paths.FIGURES / f'{name}.svg')[:16]}`"
        assert data_hash == f"`{sha256(paths.FIGURES / entry.data)[:16]}`"


def test_every_table_has_its_notebook_command_and_hash() -> None:
    rows = {row[0].strip("`[").partition("]")[0]: row for row in section("reproducing-tables")}
    for notebook, tables in pipeline.TABLES.items():
        source = (paths.NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8")
        for name in tables:
            row = rows.pop(name)
            assert f"(notebooks/{notebook}.ipynb)" in row[2] and name in source, name
            assert row[3] == f"`make {notebook}`"
            assert row[4] == f"`{sha256(paths.PROCESSED / name)[:16]}`"
    pdfs = ["paper.pdf", "supplement.pdf"]
    assert list(rows) == [*pdfs, *(file for file in pipeline.PAPER if not file.endswith("pdf"))]
    for name in pdfs:
        assert rows[name][4] == f"`{sha256(paths.PAPER / name)[:16]}`"


def test_every_command_of_the_page_is_a_word() -> None:
    text = (ROOT / "REPRODUCING.md").read_text(encoding="utf-8")
    front = (ROOT / "run.py").read_text(encoding="utf-8")
    for word in sorted(set(re.findall(r"`make ([\w./-]+)`", text))):
        assert f'    "{word}": (' in front or word in pipeline.steps(), f"make {word}"


def test_the_links_of_the_page_lead_somewhere() -> None:
    text = (ROOT / "REPRODUCING.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (ROOT / target).exists(), target


def test_versions_and_seeds_are_those_of_lock_and_study() -> None:
    locks = sorted(ROOT.glob("requirements*.lock"))
    lock = "\n".join(path.read_text(encoding="utf-8") for path in locks).lower().replace("_", "-")
    rows = section("software")
    assert len(rows) > 20
    for name, version in rows:
        assert f"{name.lower().replace('_', '-')}=={version} " in lock.replace("\n", " ") + " "
    values = {row[0].strip("`"): row[1] for row in section("seeds")}
    drawn = {
        name for name in study.kinds() if re.search("draws|seed|boot|resamples|references", name)
    }
    assert set(values) == drawn, "every parameter that rules a draw"
    assert values["seed"] == str(study.read().seed)


def test_every_raw_file_has_its_rights() -> None:
    named = " ".join(row[0] for row in section("rights"))
    for resource in sources.resources():
        assert (f"`{resource['path']}`" in named) == resource["present"], resource["path"]


def test_a_file_that_the_list_lacks_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = checksums.read()
    del listed["figures/figure3.svg"]
    monkeypatch.setattr(checksums, "read", lambda root=None: listed)
    with pytest.raises(InputError) as caught:
        reproducing.figures()
    assert (caught.value.rule, caught.value.value) == ("not-listed", "figures/figure3.svg")


# --- RO-Crate: what the specification asks of an attached package ------------------------------
def test_the_descriptor_and_the_root(
    document: dict[str, Any], entities: dict[str, dict[str, Any]]
) -> None:
    assert set(document) == {"@context", "@graph"}
    assert document["@context"] == "https://w3id.org/ro/crate/1.2/context"
    descriptor, root = entities["ro-crate-metadata.json"], entities["./"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert root["@type"] == "Dataset"
    for key in ("name", "description", "license", "datePublished", "author"):
        assert root[key], key
    datetime.date.fromisoformat(root["datePublished"])


def test_the_graph_is_flat_and_every_reference_is_answered(
    document: dict[str, Any], entities: dict[str, dict[str, Any]]
) -> None:
    assert len(entities) == len(document["@graph"]), "an identifier is used twice"
    named: set[str] = set()
    for entity in document["@graph"]:
        assert isinstance(entity["@id"], str) and entity["@type"]
        for key, value in entity.items():
            for item in as_list(value):
                if isinstance(item, dict):
                    assert set(item) == {"@id"}, (entity["@id"], key, "not flat")
                    if item["@id"] not in entities:
                        assert key in ("conformsTo", "actionStatus"), (entity["@id"], key, item)
                    named.add(item["@id"])
    assert set(entities) - named == {"ro-crate-metadata.json"}, "an entity that nothing names"


def test_every_term_is_known_to_the_context(document: dict[str, Any]) -> None:
    known = vocabs.RO_CRATE["@context"]
    for entity in document["@graph"]:
        for kind in as_list(entity["@type"]):
            assert kind in known, kind
        for key in entity:
            assert key.startswith("@") or key in known, (entity["@id"], key)


def test_every_file_is_there_and_as_described(entities: dict[str, dict[str, Any]]) -> None:
    files = {key: e for key, e in entities.items() if "File" in as_list(e["@type"])}
    assert len(files) > 100
    for name, entity in files.items():
        path = ROOT / name
        assert not name.startswith(("/", "./", "#")) and path.is_file(), name
        assert entity["sha256"] == sha256(path), name
        assert entity["contentSize"] == str(path.stat().st_size)
        assert re.fullmatch(r"[a-z]+/[\w.+-]+", entity["encodingFormat"])
        assert len(entity["description"]) > 8 and entity["name"] == path.name
    for name, entity in entities.items():
        if "Dataset" in as_list(entity["@type"]) and name != "./":
            assert name.endswith("/") and (ROOT / name).is_dir(), name


def test_no_file_is_left_out(entities: dict[str, dict[str, Any]]) -> None:
    there = {path.relative_to(ROOT).as_posix() for path in committed()}
    assert there <= set(entities), there - set(entities)
    reached, waiting = set(), ["./"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += [i for i in ids(entities[name].get("hasPart", [])) if i not in reached]
    data = {k for k, e in entities.items() if {"File", "Dataset"} & set(as_list(e["@type"]))}
    assert data == reached, "a data entity that the root does not hold"


def test_the_crate_is_stale_when_a_file_that_it_describes_changes(
    entities: dict[str, dict[str, Any]],
) -> None:
    read = pipeline.steps()["records"].sources()
    known = {*(file.partition("#")[0] for file in read), *pipeline.RECORDS, *pipeline.ALWAYS}
    described = {key for key, e in entities.items() if "File" in as_list(e["@type"])}
    assert described <= known, sorted(described - known)


def test_software_is_typed_as_version_1_2_requires(entities: dict[str, dict[str, Any]]) -> None:
    """Scripts are files, and every program and language has a version."""
    found = {"script": 0, "program": 0}
    for name, entity in entities.items():
        kinds = entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]
        if "SoftwareSourceCode" in kinds:
            found["script"] += 1
            assert "File" in kinds, name
        if {"SoftwareApplication", "ComputerLanguage"} & set(kinds):
            found["program"] += 1
            assert entity["version"], name
    assert min(found.values()) > 0


def test_licences_are_per_part(entities: dict[str, dict[str, Any]]) -> None:
    mit, cc_by = "https://spdx.org/licenses/MIT", "https://spdx.org/licenses/CC-BY-4.0"
    assert ids(entities["src/kzclusters/"]["license"]) == [mit]
    assert ids(entities["Makefile"]["license"]) == [mit]
    for name in MANIFEST:
        assert ids(entities[f"figures/{name}.svg"]["license"]) == [cc_by]
    for name in pipeline.notebooks():
        assert set(ids(entities[f"notebooks/{name}.ipynb"]["license"])) == {mit, cc_by}
    for resource in sources.resources():
        if resource["present"]:
            entity = entities[f"data/raw/{resource['path']}"]
            assert entity["sha256"] == resource["hash"].removeprefix("sha256:")
            titles = [licence["title"] for licence in resource["licenses"]]
            for key, title in zip(ids(entity["license"]), titles, strict=True):
                assert key == cc_by and "CC BY 4.0" in title or entities[key]["name"] == title
    for name in pipeline.OUTPUTS:
        (key,) = ids(entities[f"data/processed/{name}"]["license"])
        assert entities[key]["name"].startswith("Official statistics of Kazakhstan")


def test_every_notebook_has_an_action_that_says_what_it_read_and_wrote(
    entities: dict[str, dict[str, Any]],
) -> None:
    actions = {k: e for k, e in entities.items() if e["@type"] == "CreateAction"}
    assert set(ids(entities["./"]["mentions"])) == set(actions)
    by_notebook = {ids(e["instrument"])[0]: e for e in actions.values()}
    made: list[str] = []
    for name in pipeline.notebooks():
        action = by_notebook[f"notebooks/{name}.ipynb"]
        assert "src/kzclusters/" in ids(action["instrument"]) and action["agent"]
        read, wrote = ids(action["object"]), ids(action["result"])
        assert "study.yml" in read and len(read) > 1 and wrote and not set(read) & set(wrote)
        made += wrote
    for name in pipeline.OUTPUTS:
        assert made.count(f"data/processed/{name}") == 1, name
    for name, entry in MANIFEST.items():
        wrote = ids(by_notebook[f"notebooks/{entry.notebook}.ipynb"]["result"])
        for file in (f"{name}.svg", f"{name}.png", entry.data):
            assert f"figures/{file}" in wrote and made.count(f"figures/{file}") == 1
    first = ids(by_notebook["notebooks/01_indicators.ipynb"]["object"])
    series = {
        f"data/raw/{resource['path']}"
        for resource in sources.resources()
        if resource["present"] and resource["role"] == "series"
    }
    assert series <= set(first) and not any(name.startswith("data/processed/") for name in first)
    second = ids(by_notebook["notebooks/02_ward_clustering.ipynb"]["object"])
    assert "data/processed/indicators.csv" in second


def test_the_article_is_what_is_reproduced(entities: dict[str, dict[str, Any]]) -> None:
    (key,) = ids(entities["./"]["isBasedOn"])
    article = entities[key]
    assert article["@type"] == "ScholarlyArticle"
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert article["name"] == cited["references"][0]["title"]
    families = [entities[i]["familyName"] for i in ids(article["author"])]
    assert families == [a["family-names"] for a in cited["references"][0]["authors"]]
    assert ids(entities["data/raw/published_clusters.csv"]["isBasedOn"]) == [key]


def test_the_library_reads_it_back() -> None:
    read = ROCrate(ROOT / crate.NAME)
    assert read.version == "1.2"
    assert read.get("figures/figure3.svg")["isBasedOn"].id == "figures/figure3.json"


def test_a_missing_file_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(crate.TOP, "gone.txt", ("not there", ()))
    with pytest.raises(InputError) as caught:
        crate.build()
    assert (caught.value.place, caught.value.rule) == ("gone.txt", "missing-file")


# --- CITATION.cff ------------------------------------------------------------
def test_citation_has_what_version_1_2_0_of_the_format_requires() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    for key in ("authors", "message", "title"):
        assert cited[key], key
    known = {
        "abstract",
        "authors",
        "cff-version",
        "commit",
        "contact",
        "date-released",
        "doi",
        "identifiers",
        "keywords",
        "license",
        "license-url",
        "message",
        "preferred-citation",
        "references",
        "repository",
        "repository-artifact",
        "repository-code",
        "title",
        "type",
        "url",
        "version",
    }
    assert set(cited) <= known
    assert cited["type"] in ("software", "dataset") and cited["license"] == "MIT"
    assert isinstance(cited["date-released"], str)  # a bare YAML date would not be a string
    datetime.date.fromisoformat(cited["date-released"])
    assert len(set(cited["keywords"])) == len(cited["keywords"])
    for author in cited["authors"]:
        assert ("name" in author) != ("family-names" in author), "an entity or a person"
    for reference in cited["references"]:
        assert reference["type"] and reference["title"] and reference["authors"]


def test_the_crate_agrees_with_the_citation(entities: dict[str, dict[str, Any]]) -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    root = entities["./"]
    assert root["name"] == cited["title"] and root["version"] == cited["version"]
    assert root["datePublished"] == cited["date-released"]
    assert root["keywords"] == cited["keywords"]
    assert root["description"] == " ".join(cited["abstract"].split())
    assert [entities[key]["name"] for key in ids(root["author"])] == [
        author["name"] for author in cited["authors"]
    ]
    assert not (ROOT / ".zenodo.json").exists(), "Zenodo reads CITATION.cff"


def test_persons_and_groups_get_their_form(monkeypatch: pytest.MonkeyPatch) -> None:
    cited = crate.citation() | {
        "authors": [
            {
                "family-names": "Doe",
                "given-names": "Jane",
                "affiliation": "Somewhere",
                "orcid": "https://orcid.org/0000-0002-1825-0097",
            },
            {"name": "A group"},
        ]
    }
    monkeypatch.setattr(crate, "citation", lambda: cited)
    graph = {entity["@id"]: entity for entity in crate.build()["@graph"]}
    person = graph["https://orcid.org/0000-0002-1825-0097"]
    assert (person["@type"], person["name"]) == ("Person", "Jane Doe")
    assert graph["#a-group"]["@type"] == "Organization"


@pytest.mark.parametrize("key", ["title", "date-released", "license", "references"])
def test_a_citation_that_lacks_something_is_reported(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    del cited[key]
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(cited), encoding="utf-8")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(InputError) as caught:
        crate.citation()
    assert caught.value.place == "CITATION.cff" and key in str(caught.value)
