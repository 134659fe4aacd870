"""Research metadata: ``ro-crate-metadata.json`` and ``.zenodo.json``.

``python -m kzclusters.publish.metadata.crate`` writes both. The RO-Crate (version 1.2, an attached package whose root
is this project) ties data, notebooks, figures, tables and paper together: every file with its
SHA-256, size, kind, description and licence, and for every notebook an action that says what it
read and wrote. Nothing is stated twice: descriptions come from the data package, the figure
manifest, `results.OUTPUTS` and the notebooks, authors from CITATION.cff, inputs from the Makefile.
No time of a run is recorded, so the same files give the same bytes; the date is that of the release.
"""

from __future__ import annotations

import argparse
import json
import mimetypes
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import yaml
from hclustkit.errors import InputError
from hclustkit.files import sha256, write_text
from rocrate.model.contextentity import ContextEntity
from rocrate.model.dataset import Dataset
from rocrate.model.entity import Entity
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from kzclusters import paths, run
from kzclusters.analysis import results
from kzclusters.command import command
from kzclusters.evidence import sources
from kzclusters.figures import manifest
from kzclusters.publish.metadata import reproducing, verify

NAME = "ro-crate-metadata.json"
ZENODO = ".zenodo.json"
VERSION = "1.2"
"""Of the RO-Crate specification: the first whose context knows ``sha256``."""

MIT = "https://spdx.org/licenses/MIT"
CC_BY = "https://spdx.org/licenses/CC-BY-4.0"
SOFTWARE = "src/kzclusters/"
ARTICLE = "#article"
PYTHON = "https://www.python.org/"

# As registered with IANA, or in common use where nothing is registered.
_MEDIA = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".yml": "application/yaml",
    ".cff": "application/yaml",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".bib": "text/x-bibtex",
    ".css": "text/css",
}

TOP: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "README.md": ("What the project is, its result, and how to run it", (CC_BY,)),
    "REPRODUCING.md": (
        "For a reviewer: which file comes from where, and what it must be",
        (CC_BY,),
    ),
    "data/README.md": (
        "Where every series comes from, what is missing, what was checked",
        (CC_BY,),
    ),
    "study.yml": ("Every choice of the analysis: parameters, seeds, notebooks", (MIT,)),
    "figures/manifest.yml": ("Every figure: notebook, data, caption, alternative text", (CC_BY,)),
    "data/raw/datapackage.json": (
        "Data package of the raw series: source, unit, rights, hash, rules (Frictionless)",
        (CC_BY,),
    ),
    "Makefile": ("Builds everything from the raw data", (MIT,)),
    "requirements.in": ("Packages that the project uses by name", (MIT,)),
    "requirements.lock": ("Every package of the environment, with version and hashes", (MIT,)),
    "checksums.sha256": ("SHA-256 of every computed file", (MIT,)),
    "CITATION.cff": ("How to cite the project", (CC_BY,)),
    ".zenodo.json": ("Metadata of a deposit at Zenodo, made from CITATION.cff", (CC_BY,)),
    "LICENSE": ("MIT licence, for the program code", ()),
    "LICENSE-TEXT-AND-FIGURES": ("CC BY 4.0, for texts, figures and the paper", ()),
}
"""Files that no other list describes, with description and licences."""

_PAPER = {
    **reproducing.PAPER,
    "paper/paper.md": "Source of the paper; its numbers are placeholders",
    "paper/references.bib": "Works cited",
    "paper/record.json": "Hashes of what the paper was built from, and versions of the tools",
    "paper/template.typ": "Layout of the PDF",
    "paper/template.html": "Layout of the web page",
    "paper/paper.css": "Style of the web page",
}
_FOLDERS: Mapping[str, tuple[str, str]] = {
    "data/raw/": (
        "Raw data",
        "Official series and the content of the article as data; never edited",
    ),
    "data/processed/": ("Computed tables", "What the notebooks computed; never edited"),
    "figures/": ("Figures", "Every figure as SVG and PNG, with the data it draws"),
    "notebooks/": ("Notebooks", "The argument in order, executed"),
    "paper/": ("Paper", "The manuscript of the reproduction and what it is made from"),
}


def citation() -> dict[str, Any]:
    """CITATION.cff; `InputError` when it lacks what the metadata need."""
    path = paths.ROOT / "CITATION.cff"
    if not path.is_file():
        raise InputError(f"{paths.shown(path)}: the file is missing")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in ("title", "abstract", "authors", "version", "date-released", "license", "keywords"):
        if not content.get(key):
            raise InputError(f"{path.name}: {key!r} is missing or empty")
    if not any(item.get("type") == "article" for item in content.get("references") or ()):
        raise InputError(f"{path.name}: 'references' names no article")
    return content


def _article(cited: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(item for item in cited["references"] if item["type"] == "article")


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def _full_name(author: Mapping[str, str], *, family_first: bool = False) -> str:
    if "name" in author:
        return author["name"]
    family, given = author["family-names"], author.get("given-names", "")
    return ", ".join(filter(None, (family, given))) if family_first else f"{given} {family}".strip()


# --- Zenodo -----------------------------------------------------------------------------------
def zenodo() -> dict[str, Any]:
    """The content of ``.zenodo.json``, from CITATION.cff alone."""
    cited = citation()
    article = _article(cited)
    creators = []
    for author in cited["authors"]:
        creator = {"name": _full_name(author, family_first=True)}
        if "affiliation" in author:
            creator["affiliation"] = author["affiliation"]
        if "orcid" in author:
            creator["orcid"] = author["orcid"].rpartition("/")[2]
        creators.append(creator)
    names = "; ".join(_full_name(author, family_first=True) for author in article["authors"])
    return {
        "title": cited["title"],
        "description": _one_line(cited["abstract"]),
        "upload_type": cited.get("type", "software"),
        "access_right": "open",
        "license": cited["license"].lower(),  # Zenodo's own identifiers are in lower case
        "publication_date": str(cited["date-released"]),
        "version": str(cited["version"]),
        "language": "eng",
        "creators": creators,
        "keywords": list(cited["keywords"]),
        "references": [f"{names.rstrip('.')}. {_one_line(article['title'])}."],
        "notes": "Program code: MIT. Texts, figures and the paper: CC BY 4.0. The official statistics "
        "keep the terms of their publishers, file by file in data/raw/datapackage.json.",
    }


# --- RO-Crate ---------------------------------------------------------------------------------
def rules() -> dict[str, list[str]]:
    """Target → prerequisites of this project's Makefile, as make itself reads it."""
    try:
        done = subprocess.run(
            ["make", "--no-print-directory", "-pnq", "-f", str(paths.ROOT / "Makefile"), "help"],
            cwd=paths.ROOT,
            env=verify.environment(),
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise InputError("make was not found; the Makefile says what each notebook reads") from None
    found = re.findall(r"^(build/[\w.-]+\.done): (.*)$", done.stdout, re.MULTILINE)
    return {target: before.split("|")[0].split() for target, before in found}


def inputs(notebooks: Iterable[str]) -> dict[str, list[str]]:
    """Notebook → files it is made from: raw files of its rule, tables of the steps before it.

    Raises
    ------
    InputError
        The Makefile has no rule for a notebook.
    """
    known, written = rules(), reproducing.writers()
    steps = {reproducing.stamp(name): name for name in notebooks}
    for target, name in steps.items():
        if target not in known:
            raise InputError(f"Makefile: there is no rule for {target} (notebook {name})")

    def before(target: str) -> set[str]:
        direct = {item for item in known[target] if item in steps}
        return direct.union(*map(before, direct)) if direct else direct

    found = {}
    for target, name in steps.items():
        earlier = {steps[item] for item in before(target)}
        read = {item for item in known[target] if item.startswith("data/raw/")}
        read |= {f"data/processed/{file}" for file, writer in written.items() if writer in earlier}
        found[name] = sorted({*read, "study.yml"})
    return found


class _Builder:
    """Collects the entities of the crate."""

    def __init__(self) -> None:
        self.cited = citation()
        self.crate = ROCrate(version=VERSION)
        self.folders: dict[str, Entity] = {}
        self.rights: dict[tuple[str, str], str] = {}

    def context(self, identifier: str, kind: str, **properties: Any) -> Entity:
        known = self.crate.get(identifier)
        if known is not None:
            return known
        return self.crate.add(
            ContextEntity(self.crate, identifier, properties={"@type": kind, **properties})
        )

    @staticmethod
    def refs(identifiers: Iterable[str]) -> list[dict[str, str]]:
        return [{"@id": identifier} for identifier in identifiers]

    def file(
        self, name: str, title: str, licences: Iterable[str], kinds: Iterable[str] = (), **more: Any
    ) -> Entity:
        path = paths.ROOT / name
        if not path.is_file():
            raise InputError(f"{name}: the file is missing; run `make`")
        media = _MEDIA.get(path.suffix) or mimetypes.types_map.get(path.suffix, "text/plain")
        properties: dict[str, Any] = {
            "name": name.rpartition("/")[2],
            "description": _one_line(title),
            "encodingFormat": media,
            "contentSize": str(path.stat().st_size),
            "sha256": sha256(path),
        }
        licence = self.refs(licences)
        if licence:
            properties["license"] = licence[0] if len(licence) == 1 else licence
        properties |= more
        if kinds:
            properties = {"@type": ["File", *kinds], **properties}
        entity = self.crate.add(File(self.crate, path, name, properties=properties))
        for folder, holder in self.folders.items():
            if name.startswith(folder):
                holder.append_to("hasPart", entity)
        return entity

    def licences(self) -> None:
        self.context(
            MIT, "CreativeWork", name="MIT License", url="https://opensource.org/license/mit"
        )
        self.context(
            CC_BY,
            "CreativeWork",
            name="Creative Commons Attribution 4.0 International",
            url="https://creativecommons.org/licenses/by/4.0/",
        )

    def licence_of(self, licence: Mapping[str, str]) -> str:
        """The entity of a licence of the data package; two wordings of one are two."""
        if licence["name"] == "CC-BY-4.0":
            return CC_BY
        key = (licence["name"], licence["title"])
        if key not in self.rights:
            same = sum(name == key[0] for name, _ in self.rights)
            self.rights[key] = f"#rights-{key[0].lower()}" + (f"-{same + 1}" if same else "")
            self.context(self.rights[key], "CreativeWork", name=licence["title"])
        return self.rights[key]

    def people(self, authors: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
        found = []
        for author in authors:
            name = _full_name(author)
            slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
            if "name" in author:
                entity = self.context(f"#{slug}", "Organization", name=name)
            else:
                entity = self.context(
                    author.get("orcid", f"#{slug}"),
                    "Person",
                    name=name,
                    givenName=author.get("given-names", ""),
                    familyName=author["family-names"],
                )
            found.append({"@id": entity.id})
        return found

    def software(self) -> None:
        self.context(PYTHON, "ComputerLanguage", name="Python", url=PYTHON, version=">=3.11")
        packages = []
        for name, version in reproducing.locked().items():
            page = f"https://pypi.org/project/{name}/{version}/"
            self.context(
                page,
                "SoftwareApplication",
                name=name,
                version=version,
                softwareVersion=version,
                url=page,
            )
            packages.append(page)
        self.crate.add(
            Dataset(
                self.crate,
                paths.ROOT / "src" / "kzclusters",
                SOFTWARE,
                properties={
                    "name": "kzclusters",
                    "description": "The package that the notebooks use: reading and checking, Ward's "
                    "method and other linkages, validity, stability, agreement, figures",
                    "version": str(self.cited["version"]),
                    "programmingLanguage": {"@id": PYTHON},
                    "license": {"@id": MIT},
                    "author": self.people(self.cited["authors"]),
                    "softwareRequirements": self.refs(packages),
                },
            )
        )

    def raw(self) -> None:
        for resource in sources.resources():
            if not resource["present"]:
                continue
            more: dict[str, Any] = {}
            if resource.get("publisher") and resource["role"] == "series":
                slug = re.sub(r"[^a-z0-9]+", "-", resource["publisher"].lower()).strip("-")
                publisher = self.context(
                    f"#publisher-{slug}", "Organization", name=resource["publisher"]
                )
                more["publisher"] = {"@id": publisher.id}
            if resource["role"] == "article":
                more["isBasedOn"] = {"@id": ARTICLE}
            years = resource.get("years", "")
            if re.fullmatch(r"\d{4}-\d{4}", years):
                more["temporalCoverage"] = years.replace("-", "/")
            parts = [
                resource["title"] + (f", {resource['unit']}" if resource.get("unit") else ""),
                resource.get("description", ""),
                f"Source: {resource['official_table']}. Read from: {resource['read_from']}",
            ]
            self.file(
                f"data/raw/{resource['path']}",
                ". ".join(part.rstrip(".") for part in parts if part) + ".",
                [self.licence_of(licence) for licence in resource["licenses"]],
                **more,
            )

    def tables(self) -> None:
        terms = [self.licence_of(licence) for licence in sources.descriptor()["licenses"]]
        for name, what in results.OUTPUTS.items():
            self.file(f"data/processed/{name}", what, terms)

    def figures(self) -> dict[str, list[str]]:
        """Adds the figures; notebook → its files."""
        filled = manifest.fill(manifest.read(paths.FIGURES / "manifest.yml"), results.load())
        drawn: dict[str, list[str]] = {}
        for entry in filled.values():
            data = f"figures/{entry.data}"
            self.file(data, f"The data drawn in the figure {entry.title!r}", [CC_BY])
            files = [data]
            for kind in ("svg", "png"):
                files.append(f"figures/{entry.name}.{kind}")
                self.file(
                    files[-1], f"{entry.title}. {entry.caption}", [CC_BY], isBasedOn={"@id": data}
                )
            drawn.setdefault(entry.notebook, []).extend(files)
        return drawn

    def notebooks(self, drawn: Mapping[str, list[str]]) -> None:
        names = list(run.study()["notebooks"])
        read, written = inputs(names), reproducing.writers()
        for name in names:
            file = f"notebooks/{name}.ipynb"
            self.file(
                file,
                _title(paths.ROOT / file),
                [MIT, CC_BY],
                ["SoftwareSourceCode"],
                programmingLanguage={"@id": PYTHON},
                softwareRequirements={"@id": SOFTWARE},
            )
            made = [f"data/processed/{table}" for table, by in written.items() if by == name]
            made += drawn.get(name, [])
            # What a notebook without files shows is inside it.
            self.action(
                f"#run-{name.replace('/', '-')}",
                f"Execution of {file}",
                [file, SOFTWARE],
                read[name],
                made or [file],
            )

    def action(
        self, identifier: str, name: str, instrument: list[str], read: list[str], made: list[str]
    ) -> None:
        entity = self.context(
            identifier,
            "CreateAction",
            name=name,
            agent=self.people(self.cited["authors"]),
            instrument=self.refs(instrument),
            object=self.refs(read),
            result=self.refs(made),
            actionStatus={"@id": "http://schema.org/CompletedActionStatus"},
        )
        self.crate.root_dataset.append_to("mentions", entity)

    def paper(self) -> None:
        for path in sorted(paths.PAPER.iterdir()):
            name = paths.shown(path)
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".tmp":
                self.file(
                    name,
                    _PAPER.get(name, "Part of what the paper is made from"),
                    [CC_BY],
                    ["ScholarlyArticle"] if name in reproducing.PAPER else (),
                )
        made = [name for name in reproducing.PAPER if (paths.ROOT / name).is_file()]
        if made:
            built = {*made, "paper/record.json"}
            parts = [
                item.id
                for item in self.crate.data_entities
                if item.id.startswith("paper/") and item.id not in built and item.id != "paper/"
            ]
            read = [
                "CITATION.cff",
                "figures/manifest.yml",
                *self.figure_files(),
                *(f"data/processed/{name}" for name in results.OUTPUTS),
            ]
            self.action("#build-paper", "Building of the paper", [SOFTWARE], [*parts, *read], made)

    def figure_files(self) -> list[str]:
        """The pictures that the paper names in its source."""
        source = paths.PAPER / "paper.md"
        shown = source.read_text(encoding="utf-8") if source.is_file() else ""
        return [
            item.id
            for item in self.crate.data_entities
            if item.id.endswith(".svg")
            and re.search(rf"\b{re.escape(Path(item.id).stem)}\b", shown)
        ]

    def root(self) -> None:
        article = _article(self.cited)
        self.context(
            ARTICLE,
            "ScholarlyArticle",
            name=_one_line(article["title"]),
            author=self.people(article["authors"]),
            description="The article whose clusters are reproduced; it is not part of this package",
        )
        root = self.crate.root_dataset
        root["name"] = self.cited["title"]
        root["description"] = _one_line(self.cited["abstract"])
        root["datePublished"] = str(self.cited["date-released"])
        root["version"] = str(self.cited["version"])
        root["keywords"] = list(self.cited["keywords"])
        root["license"] = self.refs([MIT, CC_BY, *self.rights.values()])
        root["author"] = self.people(self.cited["authors"])
        root["isBasedOn"] = {"@id": ARTICLE}

    def build(self) -> dict[str, Any]:
        self.licences()
        for name, (title, text) in _FOLDERS.items():
            if (paths.ROOT / name).is_dir():
                self.folders[name] = self.crate.add(
                    Dataset(
                        self.crate,
                        paths.ROOT / name,
                        name,
                        properties={"name": title, "description": text},
                    )
                )
        self.software()
        self.raw()
        self.tables()
        drawn = self.figures()
        for name, (text, licences) in TOP.items():
            self.file(name, text, licences)
        self.notebooks(drawn)
        if paths.PAPER.is_dir():
            self.paper()
        self.root()
        document = self.crate.metadata.generate()
        document["@graph"] = _sorted(document["@graph"])
        return document


def _sorted(graph: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Descriptor, root, then the rest by identifier; parts by identifier."""
    first = [NAME, "./"]
    for entity in graph:
        if "hasPart" in entity:
            entity["hasPart"] = sorted(entity["hasPart"], key=lambda part: part["@id"])
    return sorted(
        graph,
        key=lambda entity: (
            first.index(entity["@id"]) if entity["@id"] in first else len(first),
            entity["@id"],
        ),
    )


def _title(notebook: Path) -> str:
    """The heading of a notebook's first cell."""
    if not notebook.is_file():
        raise InputError(f"{paths.shown(notebook)}: the file is missing")
    cells = nbformat.read(notebook, as_version=4).cells
    heading = re.search(r"^# (.+)$", cells[0].source if cells else "", re.MULTILINE)
    if not heading:
        raise InputError(f"{notebook.name}: the first cell has no heading '# ...'")
    return heading[1].strip()


def build() -> dict[str, Any]:
    """The content of ``ro-crate-metadata.json``.

    Raises
    ------
    InputError
        A file that a list names is missing, or CITATION.cff, the manifest or the Makefile lack
        something.
    """
    return _Builder().build()


def text(document: Mapping[str, Any]) -> str:
    """A document as it is written."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


@command
def main(arguments: list[str] | None = None) -> int:
    """Write both files; 1 with one message when something is wrong."""
    argparse.ArgumentParser(
        "kzclusters.publish.metadata.crate", description=__doc__.split("\n")[0]
    ).parse_args(arguments)
    # first, because the crate lists it
    write_text(paths.ROOT / ZENODO, text(zenodo()))
    document = build()
    write_text(paths.ROOT / NAME, text(document))
    print(f"{ZENODO}, {NAME}: {len(document['@graph'])} entities")
    return 0


if __name__ == "__main__":
    sys.exit(main())
