"""The pipeline: each step once, with what it reads and writes, and how its code is called.

Data only. `kzclusters.run` executes it; the Makefile and ``run.py``, the index of the notebooks,
the generated tables of README and REPRODUCING.md and the RO-Crate are made from it.

What counts is content: a step is stale when a file it reads, its own code or a file it wrote is
no longer what it was when the step last succeeded. A notebook and a README are source and
product at once; ``NAME#source`` is the part that a person writes.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hclustkit.errors import InputError, refusal
from hclustkit.files import sha256

from kzclusters import paths
from kzclusters.imports import closure, imports_of_notebook

ALWAYS = ("study.yml", "requirements.lock")
"""What every step reads."""

SECTION = re.compile(
    r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL
)
"""A generated section of a README."""


@dataclass(frozen=True)
class Step:
    """One step of the pipeline.

    Attributes
    ----------
    name : of a notebook: its path in ``notebooks/`` without the suffix
    title : of a notebook: its heading
    command : arguments of ``python -m`` that do it
    reads, writes : files from the root; ``data/raw/*`` and the like are patterns
    words : what a notebook reads and writes, for the index
    takes : how long it takes
    notebook : whether it executes a notebook
    default : whether ``make`` alone does it
    urgent : 1 for those that others wait for, -1 for those that nothing waits for
    """

    name: str
    title: str
    command: tuple[str, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    words: tuple[str, str] = ("", "")
    takes: str = "seconds"
    notebook: bool = False
    default: bool = True
    urgent: int = 0

    @property
    def file(self) -> str:
        """Path of the notebook from the root."""
        return f"notebooks/{self.name}.ipynb"

    @property
    def quick(self) -> bool:
        """Whether it takes seconds."""
        return self.takes.startswith("seconds")

    def sources(self) -> list[str]:
        """List the files and parts of files that the step reads, code excepted."""
        return sorted({*ALWAYS, *(path for entry in self.reads for path in _expand(entry))})

    def code(self) -> list[str]:
        """List the program files that the step executes, from its imports."""
        module = self.command[0]
        start = [module, f"{module}.__main__"]
        if self.notebook:
            start += sorted(imports_of_notebook(paths.ROOT / self.file))
        return closure(start)


TABLES: dict[str, dict[str, str]] = {
    "01_indicators": {
        "indicators.csv": "P1 to P14 for every region and year, variants and status; "
        "missing ones are there, empty"
    },
    "02_ward_clustering": {
        "standardized.csv": "the baseline's table after scaling",
        "proximity_matrix.csv": "squared Euclidean distances between the regions",
        "agglomeration_schedule.csv": "the merges, in the form of SPSS",
        "cluster_membership.csv": "membership for every number of clusters tried",
        "linkages.csv": "other linkages: cophenetic correlation, agreement with the baseline",
        "validity_indices.csv": "indices of validity by number of clusters, with the reason "
        "where one is undefined",
        "validity_votes.csv": "the number of clusters that each index recommends",
        "gap_statistic.csv": "the gap statistic with its standard error",
        "uniqueness.csv": "what ties allow at every number of clusters, and the margin",
        "null_for_k.csv": "the mean silhouette beside that of tables without clusters",
        "silhouettes.csv": "silhouette of every region",
        "cluster_stability.csv": "Jaccard stability of every cluster under resampling of the "
        "regions",
        "multiscale_bootstrap.csv": "AU and BP values of every merge under resampling of the "
        "indicators",
    },
    "03_results": {
        "published_clusters.csv": "each published cluster and where its regions are in ours",
        "cluster_profiles.csv": "means of the indicators by cluster, in units and as z-scores",
        "claims_evidence.csv": "every claim of the article, year by year, with its numbers",
        "claims.csv": "the verdict on every claim",
        "results.json": "the findings that the texts read",
    },
    "04_robustness": {
        "exact_specifications.csv": "every specification that recovers Figure 3 exactly",
        "recovery.csv": "how often each published cluster is recovered exactly, by linkage",
        "coassociation.csv": "share of specifications in which two regions are together",
        "consensus.csv": "the same over all numbers of clusters",
        "variance_shares.csv": "share of the variance of agreement that each choice accounts for",
        "noise_survival.csv": "how often each cluster survives measurement error",
        "leave_out.csv": "the result without one indicator, group of indicators or region",
        "nulls.csv": "all partitions with Figure 3's cluster sizes, counted by their pieces, "
        "neighbours and single cities",
        "robustness.json": "the findings of the robustness analysis",
        "setting.json": "the findings about the article's own setting",
    },
    "06_what_is_missing": {
        "missing_ranges.csv": "what P10 and P11 change, by reading, year, scaling, set of values "
        "and choice of columns",
        "missing_partitions.csv": "every partition that occurs among these values",
        "missing_columns.csv": "columns for P1 that give Figure 3, as shares in %",
        "missing_claims.csv": "verdicts on business concentration over all values, year by year",
        "missing.json": "the findings on what is missing",
    },
    "07_where_the_regions_lie": {
        "moran.csv": "Moran's I of each indicator, by kind of weights, with and without regions "
        "of one neighbour",
        "moran_local.csv": "the local form for each region and indicator, all of them adjusted",
        "contiguous_clusters.csv": "membership of the baseline when only neighbours merge, and by "
        "share of space",
        "contiguous_agreement.csv": "agreement with Figure 3 by year and scaling: plain, "
        "contiguous, mixed",
        "agreement_by_alpha.csv": "agreement with Figure 3 by share of space",
        "agreement_by_alpha_grid.csv": "the same over the grid, by linkage, and for rows dealt",
        "space_surrogates.csv": "agreement on tables without the pattern, with and without the "
        "constraint",
        "space.json": "the findings on where the regions lie",
    },
}
"""Notebook -> its files in ``data/processed`` and what they hold, in the order of making."""

OUTPUTS: dict[str, str] = {
    name: text for tables in TABLES.values() for name, text in tables.items()
}
"""File of ``data/processed`` -> what it holds."""

PAPER = {
    f"paper/{name}.{ending}": f"the {name} as {form}"
    for ending, form in (("pdf", "PDF"), ("html", "one web page"), ("docx", "a Word document"))
    for name in ("paper", "supplement")
}
"""Paper and supplement in their formats; only the PDFs are committed."""

CHECKSUMS = "checksums.sha256"
CRATE = "ro-crate-metadata.json"
RECORDS = (CHECKSUMS, "REPRODUCING.md", CRATE)
"""Records of everything else, so that none of them is listed in checksums.sha256."""

_INDICATORS = "data/processed/indicators.csv"
_MAP = ("boundaries.geojson", "neighbours.csv")
_LESSON = ("glossary.csv", "regions.csv", "published_clusters.csv", "tile_grid.csv")


def _raw(*names: str) -> tuple[str, ...]:
    return tuple(f"data/raw/{name}" for name in names)


def _notebook(name: str, title: str, takes: str, reads: tuple[str, ...], *words: str) -> Step:
    tables = [f"data/processed/{table}" for table in TABLES.get(name, ())]
    file = f"notebooks/{name}.ipynb"
    reads = (*reads, "data/raw/datapackage.json", "figures/manifest.yml", "build/raw.checked")
    return Step(
        name,
        title,
        ("kzclusters.run.execution", name),
        (*reads, f"{file}#source"),
        (*tables, *figure_files(name), file),
        (words[0], words[1]),
        takes,
        notebook=True,
    )


@functools.cache
def figures() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Map each figure to the notebook that draws it and its files, from the manifest."""
    path = paths.FIGURES / "manifest.yml"
    try:
        listed = paths.read_yaml(path)["figures"]
        return {
            entry["name"]: (
                entry["notebook"],
                tuple(
                    f"figures/{file}"
                    for file in (f"{entry['name']}.svg", f"{entry['name']}.png", entry["data"])
                ),
            )
            for entry in listed
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        text = (
            f"{paths.from_root(path)}: a list 'figures' with name, notebook and data is needed: "
            f"{' '.join(str(error).split())}"
        )
        raise refusal(text, paths.from_root(path), "manifest") from None


def figure_files(notebook: str) -> list[str]:
    """List the files of the figures that a notebook draws."""
    return [file for where, files in figures().values() if where == notebook for file in files]


_RESULTS = tuple(
    f"data/processed/{name}.json"
    for name in ("results", "robustness", "setting", "missing", "space")
)


def _analysis() -> list[Step]:
    """Return the check of the raw data and the notebooks of the analysis."""
    clustering = tuple(f"data/processed/{table}" for table in TABLES["02_ward_clustering"])
    return [
        Step(
            "raw",
            "Check of the raw data",
            ("kzclusters.evidence.sources", "check"),
            ("data/raw/*",),
            ("build/raw.checked",),
        ),
        _notebook(
            "01_indicators",
            "1 · From official series to indicators",
            "seconds to run, a quarter of an hour to read",
            ("data/raw/*#series", *_raw("regions.csv", "tile_grid.csv")),
            "`data/raw/`",
            "`data/processed/indicators.csv` and the figures of the indicators",
        ),
        _notebook(
            "02_ward_clustering",
            "2 · Ward clustering: proximity matrix, agglomeration schedule, dendrogram",
            "seconds to run, twenty minutes to read",
            (_INDICATORS, *_raw("regions.csv")),
            "a table, by default `data/processed/indicators.csv`",
            "the standardised table, proximity matrix, agglomeration schedule, cluster membership, "
            "and evidence on the number of clusters, to `data/processed/`",
        ),
        _notebook(
            "03_results",
            "3 · Results: the published clusters and ours",
            "seconds to run, twenty minutes to read",
            (_INDICATORS, *clustering, "data/raw/*"),
            "`data/raw/` and the tables that notebooks 1 and 2 wrote",
            "`data/processed/results.json`, which every text of this project reads, and the "
            "figures of the comparison",
        ),
        _notebook(
            "04_robustness",
            "4 · Robustness: all analyses of a grid at once",
            "about a minute to run, twenty minutes to read",
            (
                _INDICATORS,
                "data/raw/*#series",
                *_raw("regions.csv", "published_clusters.csv", "neighbours.csv"),
                *_raw("claims.csv", "dated_facts.csv"),
            ),
            "`data/processed/indicators.csv` and the published clusters",
            "`data/processed/robustness.json`, `data/processed/setting.json`, the tables and the "
            "figures of this notebook",
        ),
    ]


def _beyond() -> list[Step]:
    """Return the notebooks on what the analysis does not see: missing values, and the map."""
    return [
        _notebook(
            "06_what_is_missing",
            "6 · What is missing, and what it could change",
            "about a minute to run, a quarter of an hour to read",
            (_INDICATORS, "data/raw/*"),
            "`data/processed/indicators.csv` and the partial series of `data/raw/`",
            "`data/processed/missing.json`, the tables and the figure of this notebook",
        ),
        _notebook(
            "07_where_the_regions_lie",
            "7 · Where the regions lie",
            "about a minute to run, a quarter of an hour to read",
            (_INDICATORS, *_raw(*_MAP, "regions.csv", "published_clusters.csv")),
            "`data/processed/indicators.csv`, borders and neighbours from `data/raw/`",
            "`data/processed/space.json`, the tables and the figures of this notebook",
        ),
    ]


def _lesson() -> list[Step]:
    """Return the notebooks of the lesson, and the one that shows what all others have found."""
    return [
        _notebook(
            "05_ward_by_hand",
            "5 · Ward's method by hand",
            "seconds to run, about an hour and a half to work through",
            (_INDICATORS, *_raw(*_LESSON, *_MAP)),
            "the indicators that notebook 1 wrote, and `data/raw/` for names, borders and glossary",
            "the figures of the lesson",
        ),
        _notebook(
            "solutions/05_solutions",
            "5 · Ward's method by hand: the solutions",
            "seconds to run, for looking up one exercise at a time",
            (_INDICATORS, *_raw(*_LESSON, *_MAP)),
            "the indicators that notebook 1 wrote",
            "nothing",
        ),
        _notebook(
            "00_start_here",
            "Start here",
            "seconds to run, five minutes to read",
            (*_RESULTS, "figures/figure3.png", *_raw(*_LESSON)),
            "what the other notebooks have found",
            "nothing",
        ),
    ]


def _texts() -> list[Step]:
    """Return the steps that write the READMEs and the paper."""
    texts = ("README.md", "data/README.md")
    return [
        Step(
            "readme",
            "Generated sections of the READMEs",
            ("kzclusters.publish.metadata.readme", *texts),
            (
                *(f"{text}#source" for text in texts),
                *_RESULTS,
                "data/raw/*",
                "figures/manifest.yml",
            ),
            texts,
        ),
        Step(
            "paper",
            "Paper and supplement as PDF, HTML and DOCX",
            ("kzclusters.publish.paper", "build"),
            (
                *_PAPER_SOURCES,
                *(f"data/processed/{name}" for name in OUTPUTS),
                *(file for name in figures() for file in figures()[name][1]),
                "data/raw/*",
                "CITATION.cff",
                "figures/manifest.yml",
            ),
            tuple(PAPER),
        ),
    ]


def _publication(computed: tuple[str, ...]) -> list[Step]:
    """Return the steps that record and show everything ``computed`` before them."""
    return [
        Step(
            "records",
            "Checksums, reproduction record and RO-Crate",
            ("kzclusters.publish.metadata.records",),
            (
                *computed,
                *_PAPER_SOURCES,
                "paper/*.csv",
                "REPRODUCING.md#source",
                "docs/machines.csv",
                "data/raw/*",
                "Makefile",
                "run.py",
                "CITATION.cff",
                "LICENSE*",
                "requirements*",
                "figures/manifest.yml",
            ),
            RECORDS,
        ),
        Step(
            "explorer",
            "The explorer, one page",
            ("kzclusters.publish.explorer.build", "--out", "site/explorer.html"),
            (_INDICATORS, "data/raw/*"),
            ("site/explorer.html",),
            default=False,
        ),
        Step(
            "site",
            "Notebooks, paper, data dictionary and explorer as a static site",
            ("kzclusters.publish.site",),
            (*computed, *RECORDS, "data/raw/*", "docs/*", "docs/*/*", "CITATION.cff", "*.md"),
            ("site/index.html",),
            takes="a minute",
            default=False,
        ),
    ]


@functools.cache
def steps() -> dict[str, Step]:
    """Return every step by name, in an order in which they can be done."""
    analysis = [replace(step, urgent=1) for step in _analysis()]
    *lesson, index = _lesson()
    readme, paper = _texts()
    last = [replace(index, urgent=-1), readme, replace(paper, urgent=1)]
    found = [*analysis, *_beyond(), *lesson, *last]
    computed = tuple(file for step in found for file in step.writes if not file.startswith("build"))
    return {step.name: step for step in [*found, *_publication(computed)]}


_PAPER_SOURCES = ("paper/*.md", "paper/*.bib", "paper/*.css", "paper/template.*")


def notebooks() -> dict[str, Step]:
    """Return the steps that execute a notebook, by name, in the order of their execution."""
    return {name: step for name, step in steps().items() if step.notebook}


def writer(file: str) -> Step:
    """Return the step that writes a file.

    Raises
    ------
    InputError
        No step writes it.
    """
    for step in steps().values():
        if file in step.writes:
            return step
    raise InputError(f"{file}: no step writes it", place=file, rule="no-step", value=file)


def tracked_files() -> list[str]:
    """List the computed files that are committed and have their SHA-256 in checksums.sha256."""
    built = {file for file in PAPER if not file.endswith(".pdf")}
    files = {file for step in steps().values() if step.default for file in step.writes}
    return sorted(
        file for file in files - built if file not in RECORDS and not file.startswith("build/")
    )


# --- what a file is, as far as a step is concerned ---------------------------------------------
def _expand(entry: str) -> Iterator[str]:
    """Yield the files from the root that an entry of ``reads`` names."""
    pattern, mark, part = entry.partition("#")
    if part == "series":
        try:
            package = json.loads((paths.RAW / "datapackage.json").read_text(encoding="utf-8"))
            series = [each["path"] for each in package["resources"] if each["role"] == "series"]
        except (OSError, ValueError, KeyError, TypeError):
            return  # the check of the raw data, the first step, says what is wrong
        for path in series:
            if (paths.RAW / path).is_file():
                yield f"data/raw/{path}"
    elif "*" in pattern:
        for path in paths.ROOT.glob(pattern):
            if path.is_file() and path.suffix != ".tmp" and not path.name.startswith("."):
                yield path.relative_to(paths.ROOT).as_posix()
    else:
        yield pattern + mark + part


def fingerprint(file: str) -> str | None:
    """Return the SHA-256 of a file or of its ``#source``; None where it cannot be read."""
    name, _, part = file.partition("#")
    path = paths.ROOT / name
    try:
        if not part:
            return sha256(path)
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            cells = [c for c in cells if "injected-parameters" not in c["metadata"].get("tags", [])]
            text = json.dumps(
                [[c["cell_type"], "".join(c["source"]), c["metadata"].get("tags")] for c in cells]
            )
        else:
            text = SECTION.sub(r"\1\3", text)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return hashlib.sha256(text.encode()).hexdigest()
