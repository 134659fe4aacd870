"""Research metadata: ``ro-crate-metadata.json``.

The RO-Crate (version 1.2, an attached package whose root is this project) ties data, notebooks,
figures, tables and paper together: every file with its SHA-256, size, kind, description and
licence, and for every notebook an action that says what it read and wrote. Nothing is stated
twice: descriptions come from the data package, the figure manifest and the pipeline, inputs and
outputs from the pipeline, hashes of outputs from checksums.sha256, authors from CITATION.cff. No
time of a run is recorded, so the same files give the same bytes; the date is that of the release.
"""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterable, Mapping
from typing import Any

from hclustkit.errors import InputError, refusal
from hclustkit.files import sha256
from rocrate.model.contextentity import ContextEntity
from rocrate.model.dataset import Dataset
from rocrate.model.entity import Entity
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from kzclusters import paths, pipeline
from kzclusters.evidence import sources
from kzclusters.evidence.series import Licence
from kzclusters.publish.metadata import checksums, reproducing

NAME = pipeline.CRATE
VERSION = "1.2"
"""Of the RO-Crate specification: the first whose context knows ``sha256``."""

MIT = "https://spdx.org/licenses/MIT"
CC_BY = "https://spdx.org/licenses/CC-BY-4.0"
SOFTWARE = "src/kzclusters/"
METHOD = "packages/hclustkit/"
PACKAGES = {
    METHOD: "The method: hierarchical clustering of any table, validity, stability, multiverse",
    SOFTWARE: "The study: evidence and its checks, analysis, figures, lesson, paper and site",
}
ARTICLE = "#article"
PYTHON = "https://www.python.org/"

# As registered with IANA, or in common use where nothing is registered.
_MEDIA = {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
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
    "study.yml": ("Every choice of the analysis: parameters, thresholds, draws, seed", (MIT,)),
    "figures/manifest.yml": ("Every figure: notebook, data, caption, alternative text", (CC_BY,)),
    "data/raw/datapackage.json": (
        "Data package of the raw series: source, unit, rights, hash, rules (Frictionless)",
        (CC_BY,),
    ),
    "run.py": ("The front door: builds everything from the raw data", (MIT,)),
    "Makefile": ("The same door for make", (MIT,)),
    "requirements.in": ("Packages that the study uses by name", (MIT,)),
    "requirements.lock": ("Every package of the environment, with version and hashes", (MIT,)),
    "checksums.sha256": ("SHA-256 of every computed file", (MIT,)),
    "CITATION.cff": ("How to cite the project", (CC_BY,)),
    "LICENSE": ("MIT licence, for the program code", ()),
    "LICENSE-TEXT-AND-FIGURES": ("CC BY 4.0, for texts, figures and the paper", ()),
}
"""Files that no other list describes, with description and licences."""

_PAPER = {
    **pipeline.PAPER,
    "paper/paper.md": "Source of the paper; its numbers are placeholders",
    "paper/supplement.md": "Source of the supplement; its numbers are placeholders",
    "paper/references.bib": "Works cited",
    "paper/copy_edits.csv": "Edits of the English text, each done or answered",
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
    "paper/": ("Paper", "The manuscript, its supplement and what it is made from"),
}


def citation() -> dict[str, Any]:
    """Read CITATION.cff; `InputError` when it lacks what the metadata need."""
    path = paths.ROOT / "CITATION.cff"
    if not path.is_file():
        raise InputError(f"{path.name}: the file is missing", place=path.name, rule="missing-file")
    content = paths.read_yaml(path)
    for key in ("title", "abstract", "authors", "version", "date-released", "license", "keywords"):
        if not content.get(key):
            raise refusal(f"{path.name}: {key!r} is missing or empty", path.name, "empty", key)
    if not any(item.get("type") == "article" for item in content.get("references") or ()):
        raise refusal(f"{path.name}: 'references' names no article", path.name, "no-article")
    return content


def _one_line(text: str) -> str:
    return " ".join(str(text).split())


def _full_name(author: Mapping[str, str]) -> str:
    if "name" in author:
        return author["name"]
    return f"{author.get('given-names', '')} {author['family-names']}".strip()


class _Builder:
    """Collects the entities of the crate."""

    def __init__(self) -> None:
        self.cited = citation()
        self.crate = ROCrate(version=VERSION)
        self.folders: dict[str, Entity] = {}
        self.rights: dict[tuple[str, str], str] = {}
        self.digests = checksums.read()

    def context(self, identifier: str, kind: str, **properties: Any) -> Entity:
        """Return the entity of an identifier, added where it is new."""
        known = self.crate.get(identifier)
        if known is not None:
            return known
        return self.crate.add(
            ContextEntity(self.crate, identifier, properties={"@type": kind, **properties})
        )

    @staticmethod
    def refs(identifiers: Iterable[str]) -> list[dict[str, str]]:
        """Refer to entities by their identifiers."""
        return [{"@id": identifier} for identifier in identifiers]

    def file(
        self, name: str, title: str, licences: Iterable[str], kinds: Iterable[str] = (), **more: Any
    ) -> Entity:
        """Add a file, to the folder that it is in as well."""
        path = paths.ROOT / name
        if not path.is_file():
            raise refusal(f"{name}: the file is missing; run `make`", name, "missing-file")
        media = _MEDIA.get(path.suffix) or mimetypes.types_map.get(path.suffix, "text/plain")
        properties: dict[str, Any] = {
            "name": name.rpartition("/")[2],
            "description": _one_line(title),
            "encodingFormat": media,
            "contentSize": str(path.stat().st_size),
            "sha256": self.digests.get(name) or sha256(path),
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
        """Add the two licences of the project."""
        self.context(
            MIT, "CreativeWork", name="MIT License", url="https://opensource.org/license/mit"
        )
        self.context(
            CC_BY,
            "CreativeWork",
            name="Creative Commons Attribution 4.0 International",
            url="https://creativecommons.org/licenses/by/4.0/",
        )

    def licence_of(self, licence: Licence) -> str:
        """Return the entity of a licence of the data package; two wordings of one are two."""
        if licence["name"] == "CC-BY-4.0":
            return CC_BY
        key = (licence["name"], licence["title"])
        if key not in self.rights:
            same = sum(name == key[0] for name, _ in self.rights)
            self.rights[key] = f"#rights-{key[0].lower()}" + (f"-{same + 1}" if same else "")
            self.context(self.rights[key], "CreativeWork", name=licence["title"])
        return self.rights[key]

    def people(self, authors: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
        """Add authors, and refer to them."""
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
        """Add the packages that are used, and the two of the project."""
        self.context(PYTHON, "ComputerLanguage", name="Python", url=PYTHON, version=">=3.11,<3.14")
        packages = []
        for name, version in reproducing.locked_versions().items():
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
        for folder, description in PACKAGES.items():
            properties: dict[str, Any] = {
                "name": folder.strip("/").rpartition("/")[2],
                "description": description,
                "version": str(self.cited["version"]),
                "programmingLanguage": {"@id": PYTHON},
                "license": {"@id": MIT},
                "author": self.people(self.cited["authors"]),
            }
            if folder == SOFTWARE:
                properties["softwareRequirements"] = self.refs([*packages, METHOD])
            self.crate.add(Dataset(self.crate, paths.ROOT / folder, folder, properties=properties))

    def raw(self) -> None:
        """Add the files of the data package that are present."""
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
        """Add the computed tables."""
        terms = [self.licence_of(licence) for licence in sources.descriptor()["licenses"]]
        for name, what in pipeline.OUTPUTS.items():
            self.file(f"data/processed/{name}", what, terms)

    def figures(self) -> None:
        """Add each figure in both formats, with its data."""
        for entry in reproducing.fill_manifest().values():
            data = f"figures/{entry.data}"
            self.file(data, f"The data drawn in the figure {entry.title!r}", [CC_BY])
            for kind in ("svg", "png"):
                self.file(
                    f"figures/{entry.name}.{kind}",
                    f"{entry.title}. {entry.caption}",
                    [CC_BY],
                    isBasedOn={"@id": data},
                )

    def notebooks(self) -> None:
        """Add the notebooks, and what each read and wrote."""
        for name, step in pipeline.notebooks().items():
            self.file(
                step.file,
                step.title,
                [MIT, CC_BY],
                ["SoftwareSourceCode"],
                programmingLanguage={"@id": PYTHON},
                softwareRequirements={"@id": SOFTWARE},
            )
            # what a notebook without files shows is inside it
            self.action(
                f"#run-{name.replace('/', '-')}",
                f"Execution of {step.file}",
                [step.file, SOFTWARE],
                self.read_by(step),
                [file for file in step.writes if file != step.file] or [step.file],
            )

    @staticmethod
    def read_by(step: pipeline.Step) -> list[str]:
        """Return the files that a step reads, as far as the crate lists them."""
        return [
            file
            for file in step.sources()
            if "#" not in file and not file.startswith("build/") and file != "requirements.lock"
        ]

    def action(
        self, identifier: str, name: str, instrument: list[str], read: list[str], made: list[str]
    ) -> None:
        """Add an action: with what it was done, what it read and what it made."""
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
        """Add the paper, its sources and how it was built."""
        step = pipeline.steps()["paper"]
        made = [file for file in step.writes if file in self.digests]
        read = [file for file in step.sources() if file.startswith("paper/")]
        for name in sorted({*made, *read, "paper/copy_edits.csv"}):
            self.file(
                name,
                _PAPER.get(name, "Part of what the paper is made from"),
                [CC_BY],
                ["ScholarlyArticle"] if name in pipeline.PAPER else (),
            )
        if made:
            self.action(
                "#build-paper", "Building of the paper", [SOFTWARE], self.read_by(step), made
            )

    def root(self) -> None:
        """Describe the project as a whole, and the article that it is based on."""
        references = self.cited["references"]
        article = next(item for item in references if item["type"] == "article")
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
        """Add everything, and return the document in a fixed order."""
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
        self.figures()
        for name, (text, licences) in TOP.items():
            self.file(name, text, licences)
        self.notebooks()
        self.paper()
        self.root()
        document = self.crate.metadata.generate()
        document["@graph"] = _sort_entities(document["@graph"])
        return document


def _sort_entities(graph: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort the entities: descriptor, root, then the rest by identifier; parts by identifier."""
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


def build() -> dict[str, Any]:
    """Make the content of ``ro-crate-metadata.json``.

    Raises
    ------
    InputError
        A file that a list names is missing, or CITATION.cff or the manifest lack something.
    """
    return _Builder().build()


def text(document: Mapping[str, Any]) -> str:
    """Return a document as it is written."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
