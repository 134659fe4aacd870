"""Put the sources of the site together: ``docs/``, notebooks, and pages made from the data.

Nothing is written by hand twice: the data dictionary comes from the data package and the
registry, the gallery from the figure manifest, the glossary from its table, and the list of
modules from the package.
"""

from __future__ import annotations

import ast
import html
import importlib.util
import os
import posixpath
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from hclustkit.errors import InputError

from kzclusters import paths, pipeline
from kzclusters.analysis import results
from kzclusters.evidence import indicators, sources
from kzclusters.figures import manifest
from kzclusters.publish.metadata import contents, readme
from kzclusters.publish.site import manuscript, outputs

API = {
    "The method: hclustkit knows tables, not Kazakhstan": (
        "hclustkit.tables",
        "hclustkit.scaling",
        "hclustkit.tree.ward",
        "hclustkit.validity",
        "hclustkit.stability",
        "hclustkit.compare.agreement",
        "hclustkit.multiverse",
        "hclustkit.errors",
        "hclustkit.files",
    ),
    "The study": (
        "kzclusters.evidence.sources",
        "kzclusters.evidence.indicators",
        "kzclusters.evidence.article",
        "kzclusters.analysis.claims",
        "kzclusters.analysis.results",
    ),
    "What is shown": (
        "kzclusters.figures",
        "kzclusters.figures.manifest",
        "kzclusters.notebook",
        "kzclusters.publish.metadata.contents",
        "kzclusters.lesson.data",
        "kzclusters.lesson.steps",
        "kzclusters.lesson.prose",
        "kzclusters.lesson.session",
        "kzclusters.lesson.answers",
    ),
    "What is run": (
        "kzclusters.run",
        "kzclusters.publish.metadata.reviewer",
        "kzclusters.publish.metadata.readme",
    ),
}
"""The modules of the reference, by chapter."""

COPIED = (".csv", ".json", ".svg", ".png", ".yml")
"""Kinds of files that the site carries from ``figures``, ``data/raw`` and ``data/processed``."""

MADE = (
    "data/indicators.md",
    "data/series.md",
    "data/glossary.md",
    "figures/index.md",
    "paper.md",
    "explore.md",
)
"""Pages of the site that are no files of the project."""

LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")


# --- links ----------------------------------------------------------------------------------
def page_of(path: str) -> str | None:
    """The page of the site that shows a file of the project, or None where it is carried as is.

    Parameters
    ----------
    path : from the root of the project, with ``/``
    """
    if path in MADE:
        return path
    if path == "data/README.md":
        return "data/index.md"
    if path == "README.md":
        return "index.md"
    if re.fullmatch(r"notebooks/(solutions/)?\w+\.ipynb", path):
        return path
    if path.endswith(".py") and "src/" in path:
        module = path.rpartition("src/")[2].removesuffix(".py").removesuffix("/__init__")
        module = module.replace("/", ".")
        known = {name for names in API.values() for name in names}
        return f"api/{module}.rst" if module in known else "api/index.md"
    return None


def relink(text: str, folder: str, carried: set[str]) -> str:
    """Markdown whose links, seen from ``folder`` of the project, lead to the same in the site.

    Parameters
    ----------
    text : Markdown
    folder : where the text lies, from the root of the project; "" is the root itself
    carried : files that links lead to are added, from the root of the project

    Raises
    ------
    InputError
        A relative link leads to a file that is not there.
    """

    def lead(match: re.Match[str]) -> str:
        parts = urlsplit(match["target"])
        if parts.scheme or parts.netloc or not parts.path:
            return match[0]
        path = posixpath.normpath(posixpath.join(folder, parts.path))
        here = folder or "."
        page = page_of(path)
        if page:
            anchor = f"#{parts.fragment}" if parts.fragment else ""
            return f"[{match['text']}]({posixpath.relpath(page, here)}{anchor})"
        if path.startswith("site/"):
            path = path.removeprefix("site/")
        elif not (paths.ROOT / path).is_file():
            raise InputError(f"{folder or '.'}: the link {match['target']} leads to no file")
        else:
            carried.add(path)
        address = posixpath.relpath(path, here) + (f"#{parts.fragment}" if parts.fragment else "")
        return f'<a href="{html.escape(address)}">{match["text"]}</a>'

    return LINK.sub(lead, text)


def opening(text: str) -> str:
    """Markdown whose figures lead to the drawing, which can be enlarged on a small screen."""
    return re.sub(r"!\[[^\]]*\]\((figures/\w+)\.png\)", r'<a href="\1.svg">\g<0></a>', text)


# --- notebooks ------------------------------------------------------------------------------
def stepwise(text: str, above: list[int]) -> str:
    """Markdown whose headings go down one level at a time, as screen readers expect.

    Parameters
    ----------
    text : Markdown
    above : levels of the headings that the text stands below; brought up to date
    """
    lines, fenced = text.split("\n"), False
    for i, line in enumerate(lines):
        fenced ^= line.lstrip().startswith("```")
        heading = re.match(r"(#{1,6})(?= )", line)
        if heading and not fenced:
            while above and above[-1] >= len(heading[1]):
                above.pop()
            above.append(len(heading[1]))
            lines[i] = "#" * len(above) + line[len(heading[1]) :]
    return "\n".join(lines)


def notebook(
    name: str,
    folder: Path,
    carried: set[str],
    listed: Iterable[str] = (),
    drawn: Mapping[str, str] | None = None,
) -> None:
    """A notebook of the study as a page: links of the site, alternative texts in their place.

    Parameters
    ----------
    name : as in the study file
    folder : of the staged sources
    carried : see `relink`
    listed : notebooks to list below this one
    drawn : alternative text of a figure -> its name, for pictures that are part of an HTML output

    Raises
    ------
    InputError
        The notebook is missing or has not been executed; a picture has no alternative text.
    """
    path = paths.NOTEBOOKS / f"{name}.ipynb"
    if not path.is_file():
        raise InputError(f"{paths.shown(path)}: the file is missing")
    content = nbformat.read(path, as_version=4)
    where = posixpath.dirname(f"notebooks/{name}")
    up = posixpath.relpath("figures", where)
    whole = {alt: f"{up}/{figure}.svg" for alt, figure in (drawn or {}).items()}
    above: list[int] = []
    cells: list[nbformat.NotebookNode] = []
    for number, cell in enumerate(content.cells, start=1):
        if cell.cell_type == "markdown":
            cell.source = relink(stepwise(cell.source, above), where, carried)
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        place = f"{paths.shown(path)}: cell {number}"
        if cell.source.strip() and cell.execution_count is None:
            raise InputError(f"{place} has not been executed; run `make`")
        for output in cell.outputs:
            data = output.get("data", {})
            if "text/markdown" in data:
                data["text/markdown"] = relink(data["text/markdown"], where, carried)
            if "text/html" in data:
                data["text/html"] = outputs.linked(outputs.readable(data["text/html"]), whole)
        for part in outputs.parted(cell):
            if not outputs.captioned(part):
                raise InputError(f"{place}: the picture has no alternative text")
            cells.append(part)
    content.cells = cells
    if listed:
        others = [f"/notebooks/{other}" for other in listed]
        lines = ["```{toctree}", ":hidden:", "", *others, "```"]
        content.cells.append(nbformat.v4.new_markdown_cell("\n".join(lines), id="contents"))
    target = folder / "notebooks" / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, target)


# --- pages from data ------------------------------------------------------------------------
def plain(text: Any) -> str:
    """Text in which no character is Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", " ".join(str(text).split()))


def indicator_page() -> str:
    """The registry: what each indicator is, how it is computed, from which series."""
    titles = {r["name"]: r for r in sources.resources()}
    parts = [
        "# Indicators",
        "",
        "The article names fourteen indicators. This is the registry from which they are computed: "
        "the formula shown is the one evaluated. The first form of each enters the baseline; the "
        "others are variants of the [robustness analysis](../notebooks/04_robustness.ipynb).",
        "",
        headed(readme.indicator_table()),
    ]
    chapters = [(group, codes) for group, codes in indicators.groups().items()]
    for group, codes in chapters:
        parts += [f"## {plain(group[:1].upper() + group[1:])}", ""]
        for code in codes:
            parts += _indicator(indicators.registry()[code], titles)
    parts += [
        "## Beside the fourteen",
        "",
        "Quantities that claims of the article speak of. They take no part in the clustering.",
        "",
    ]
    for item in indicators.auxiliary().values():
        parts += _indicator(item, titles)
    return "\n".join(parts) + "\n"


def _indicator(item: indicators.Indicator, titles: dict[str, Any]) -> list[str]:
    lines = [f"(indicator-{item.code.lower()})=", f"### {item.code} · {plain(item.name)}", ""]
    lines += [f"Defined as: {plain(item.definition)}.", ""]
    for variant in item.variants:
        label = f"{variant.name}: {variant.label}" if variant.name else variant.label
        series = ", ".join(
            f"[{plain(titles[one]['title'])}](series.md#{anchor(one)})" for one in variant.series
        )
        absent = not all(titles[one]["present"] for one in variant.series)
        status = "missing" if absent else variant.status
        differs = f": {plain(variant.differs)}" if variant.differs and not absent else ""
        code = item.code + (f":{variant.name}" if variant.name else "")
        lines += [
            f"**{plain(label)}** · unit: {plain(variant.unit)} · {status}{differs}",
            "",
            f"```text\n{code} = {variant.formula}\n```",
            "",
            f"From: {series}.",
            "",
        ]
    if item.missing:
        lines += [f"Missing: {plain(item.missing)}.", ""]
    return lines


def anchor(name: str) -> str:
    """The place of a series in the data dictionary."""
    return f"series-{name.replace('_', '-')}"


def series_page() -> str:
    """Every file of ``data/raw`` with its columns and rules."""
    parts = [
        "# Files, columns and rules",
        "",
        "Every file of `data/raw` as its [data package](raw/datapackage.json) describes it. "
        "The rules are checked before anything is computed.",
        "",
    ]
    for r in sources.resources():
        present = r["present"]
        parts += [f"({anchor(r['name'])})=", f"## {plain(r['title'])}", ""]
        file = f"`{r['path']}`"
        file = f"[{file}](raw/{r['path']})" if present else f"{file} (not there yet)"
        rows = [("file", file)]
        if r.get("unit"):
            rows.append(("unit", plain(r["unit"])))
        if r.get("years"):
            rows.append(("years", plain(r["years"])))
        if r.get("rows"):
            rows.append(("rows", plain(r["rows"])))
        rows += [
            ("publisher", plain(r["publisher"])),
            ("table", plain(r["official_table"])),
            ("read from", plain(r["read_from"])),
            ("rights", plain("; ".join(one["title"] for one in r["licenses"]))),
        ]
        if r.get("hash"):
            rows.append(("SHA-256", f"`{r['hash'].removeprefix('sha256:')}`"))
        parts += [table(("about the file", "value"), rows, "facts"), ""]
        if r.get("description"):
            parts += [plain(r["description"]), ""]
        fields = r.get("schema", {}).get("fields", [])
        if fields:
            parts += [
                table(
                    ("column", "type", "meaning", "rules"),
                    (
                        (
                            f"`{one['name']}`",
                            one.get("type", ""),
                            plain(one.get("title") or one.get("description") or ""),
                            _rules(one, r["schema"]),
                        )
                        for one in fields
                    ),
                ),
                "",
            ]
        if r.get("checks_made"):
            parts += ["Checked when it was read:", ""]
            parts += [f"* {plain(check)}" for check in r["checks_made"]] + [""]
    return "\n".join(parts) + "\n"


def _rules(one: dict[str, Any], schema: dict[str, Any]) -> str:
    words = []
    for rule, value in one.get("constraints", {}).items():
        if rule == "required":
            words.append("never empty" if value else "")
        elif rule == "enum":
            words.append("one of " + ", ".join(plain(item) for item in value))
        elif rule == "minimum":
            words.append(f"at least {plain(value)}")
        elif rule == "maximum":
            words.append(f"at most {plain(value)}")
        elif rule == "unique":
            words.append("no value twice" if value else "")
        else:
            words.append(f"{plain(rule)} {plain(value)}")
    key = schema.get("primaryKey", [])
    if one["name"] in ([key] if isinstance(key, str) else key):
        words.append("part of the key" if not isinstance(key, str) and len(key) > 1 else "the key")
    return "; ".join(filter(None, words))


def table(header: Iterable[str], rows: Iterable[Iterable[Any]], style: str = "") -> str:
    """A Markdown table, perhaps with a class."""
    written = readme.markdown_table(header, rows).replace("\\\\|", "\\|")
    return f"```{{rst-class}} {style}\n```\n\n{written}" if style else written


def headed(text: str, name: str = "indicator") -> str:
    """Markdown tables with ``name`` above a first column that has no heading.

    Their other columns hold sentences, which the style sheet gives room.
    """
    marked = f"```{{rst-class}} wordy\n```\n\n| {name} |"
    return re.sub(r"^\|  \|(?=.*\n\| ---)", lambda _: marked, text, flags=re.MULTILINE)


def glossary_page() -> str:
    """Terms in three languages."""
    parts = [
        "# Glossary",
        "",
        "Terms of the field in English, Russian and Kazakh, also as a "
        "[table](raw/glossary.csv). A dash stands where no settled term was found.",
        "",
        "```{glossary}",
    ]
    for row in contents.glossary().itertuples():
        others = " · ".join(
            f'{name} <span lang="{code}">{html.escape(term) or "—"}</span>'
            for name, code, term in (("Russian", "ru", row.term_ru), ("Kazakh", "kk", row.term_kk))
        )
        parts += [plain(row.term_en), f"  {others}", "", f"  {plain(row.meaning_en)}", ""]
    return "\n".join([*parts, "```"]) + "\n"


def figures() -> dict[str, manifest.FigureEntry]:
    """The figures of the manifest, their texts filled from the results."""
    return manifest.fill(manifest.read(paths.FIGURES / "manifest.yml"), results.load())


def figure_page(carried: set[str]) -> str:
    """The gallery: every figure with caption, alternative text, data and notebook."""
    filled = figures()
    parts = [
        "# Figures",
        "",
        "Every figure of the notebooks, with the data that it draws. The description is what "
        "a screen reader reads.",
        "",
    ]
    for name in pipeline.notebooks():
        mine = [entry for entry in filled.values() if entry.notebook == name]
        if not mine:
            continue
        title = contents.first_cell(paths.NOTEBOOKS / f"{name}.ipynb")["title"]
        parts += [f"## {plain(title)}", ""]
        for entry in mine:
            kind = posixpath.splitext(entry.data)[1].lstrip(".").upper()
            parts += [
                f"(figure-{entry.name.replace('_', '-')})=",
                f"### {plain(entry.title)}",
                "",
                "```{raw} html",
                '<figure class="gallery">',
                f'<a href="{entry.name}.svg"><img src="{entry.name}.png" loading="lazy" '
                f'alt="{html.escape(entry.alt)}"></a>',
                f"<figcaption>{html.escape(entry.caption)}</figcaption>",
                f"<details><summary>Description</summary><p>{html.escape(entry.alt)}</p></details>",
                "</figure>",
                "```",
                "",
                f"[SVG](../figures/{entry.name}.svg) · [PNG](../figures/{entry.name}.png) · "
                f"[data ({kind})](../figures/{entry.data}) · "
                f"drawn in [{plain(title)}](../notebooks/{entry.notebook}.ipynb)",
                "",
            ]
    return relink("\n".join(parts), "figures", carried) + "\n"


def paper_page() -> str:
    """Where the paper can be read, its abstract and its sections; its forms are made elsewhere."""
    text = (paths.ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
    forms = [
        f"* [{kind}](paper/{name}), {(paths.PAPER / name).stat().st_size / 2**20:.1f} MiB"
        for name, kind in manuscript.FORMS.items()
        if manuscript.exists(name)
    ] or ["The paper has not been built in this copy of the project: `make paper` does it."]
    about: list[str] = []
    if manuscript.exists("paper.html"):
        page = manuscript.read()
        paragraphs = manuscript.abstract(page)
        if paragraphs:
            about += ["## Abstract", ""]
            for paragraph in paragraphs:
                about += [plain(paragraph), ""]
        # as deep as the numbers go: 4.2 below 4
        listed = [
            f"{'  ' if re.match(r'[0-9]+[.][0-9]', heading) else ''}"
            f"* [{plain(heading)}](paper/paper.html#{name})"
            for name, heading, _ in manuscript.sections(page)
        ]
        if listed:
            about += ["## Sections", "", *listed]
    for place, lines in (("forms", forms), ("abstract", about)):
        text = text.replace(f"<!-- {place} -->", "\n".join(lines))
    return text


# --- reference ------------------------------------------------------------------------------
def _module(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise InputError(f"the reference lists {name!r}, which is no module")
    return Path(spec.origin)


def summary(name: str) -> str:
    """First line of a module's docstring."""
    tree = ast.parse(_module(name).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")


def api_pages(folder: Path) -> None:
    """A page for each module of `API`, and their list."""
    parts = [
        "# Code",
        "",
        "The public functions of the package `kzclusters`. What a function raises, `InputError` "
        "above all, names the place, the rule and the value. Everything by name: "
        "{ref}`modules <modindex>` · {ref}`functions, classes and constants <genindex>`.",
        "",
    ]
    for chapter, names in API.items():
        rows = [(f"[`{name}`]({name}.rst)", summary(name).replace("``", "`")) for name in names]
        parts += [f"## {chapter}", "", table(("module", "what it does"), rows), ""]
    parts += ["```{toctree}", ":hidden:", ""]
    parts += [name for names in API.values() for name in names] + ["```", ""]
    (folder / "api").mkdir()
    (folder / "api" / "index.md").write_text("\n".join(parts), encoding="utf-8")
    for names in API.values():
        for name in names:
            lines = [name, "=" * len(name), "", f".. automodule:: {name}", "   :members:"]
            if _module(name).name == "__init__.py":
                lines.append("   :imported-members:")
            page = folder / "api" / f"{name}.rst"
            page.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- all ------------------------------------------------------------------------------------
def stage(folder: Path) -> set[str]:
    """Write all sources of the site into the empty ``folder``.

    Returns
    -------
    set of str
        Files that the site carries at the place they have in the project.

    Raises
    ------
    InputError
        A file is missing or breaks a rule.
    """
    carried: set[str] = set()
    docs = paths.ROOT / "docs"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(docs, folder, dirs_exist_ok=True, ignore=ignored)

    def write(name: str, text: str) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    start = (docs / "index.md").read_text(encoding="utf-8")
    write("index.md", relink(opening(readme.render(start, "docs/index.md")), "", carried))
    write("paper.md", relink(paper_page(), "", carried))
    about = (docs / "explore.md").read_text(encoding="utf-8")
    write("explore.md", relink(about, "", carried))
    write("data/series.md", relink(series_page(), "data", carried))
    write("data/indicators.md", relink(indicator_page(), "data", carried))
    write("data/glossary.md", relink(glossary_page(), "data", carried))
    write("data/index.md", relink(data_page(), "data", carried))
    write("figures/index.md", figure_page(carried))
    api_pages(folder)

    names = [name for name in pipeline.notebooks() if name != contents.START]
    drawn = {" ".join(entry.alt.split()): name for name, entry in figures().items()}
    for name in names:
        notebook(name, folder, carried, drawn=drawn)
    notebook(contents.START, folder, carried, listed=names)
    carried |= {f"notebooks/{name}.ipynb" for name in pipeline.notebooks()}
    for place in (paths.FIGURES, paths.RAW, paths.PROCESSED):
        for path in place.iterdir():
            if path.is_file() and path.suffix in COPIED:
                carried.add(paths.shown(path))
    # the figure of the first page is a source, not only carried
    os.makedirs(folder / "figures", exist_ok=True)
    shutil.copy(paths.FIGURES / "figure3.png", folder / "figures" / "figure3.png")
    return carried


def data_page() -> str:
    """``data/README.md`` with the other pages on the data below it, and a narrower list of files."""
    text = headed((paths.ROOT / "data" / "README.md").read_text(encoding="utf-8"))
    wide = re.compile(r"<!-- generated: series -->.*?<!-- end: series -->", re.DOTALL)
    if not wide.search(text):
        raise InputError("data/README.md: the section 'series' is missing")
    text = wide.sub(lambda _: "\n".join(files()), text)
    head, rest = text.split("\n", 1)
    pages = (
        "\nIn detail: [indicators](indicators.md) · [files, columns and rules](series.md) · "
        "[glossary](glossary.md)\n"
    )
    listed = "\n```{toctree}\n:hidden:\n\nindicators\nseries\nglossary\n```\n"
    return f"{head}\n{pages}{rest}{listed}"


ROLES = {"series": "Series", "article": "From the article", "reference": "Places and words"}
"""The kinds of files in ``data/raw``, in this order, and their headings."""


def files() -> list[str]:
    """The files of ``data/raw`` by kind, as narrow tables; the page of series has the rest.

    The publisher of most files of a kind is named once, above its table.
    """
    serves: dict[str, list[str]] = {}
    for item in [*indicators.registry().values(), *indicators.auxiliary().values()]:
        for variant in item.variants:
            code = item.code + (f" ({variant.name})" if variant.name else "")
            for name in variant.series:
                link = f"[{plain(code)}](indicators.md#indicator-{item.code.lower()})"
                serves.setdefault(name, []).append(link)
    lines = [
        "Source, table, rights and rules of each file are given [file by file](series.md).",
        "",
    ]
    found = sources.resources()
    for role in sorted({r["role"] for r in found}, key=list(ROLES).index):
        mine = [r for r in found if r["role"] == role]
        usual, often = Counter(r["publisher"] for r in mine).most_common(1)[0]
        others = "" if often == len(mine) else ", where no other is named"
        lines += [f"### {ROLES[role]}", "", f"Publisher: {plain(usual)}{others}.", ""]
        rows = []
        for r in mine:
            holds = [plain(r[key]) for key in ("unit", "years") if r.get(key)]
            holds += [] if r["present"] else ["not there yet"]
            about = [
                f"[{plain(r['title'])}](series.md#{anchor(r['name'])})",
                " · ".join([f"`{r['path']}`", ", ".join(holds)]) if holds else f"`{r['path']}`",
                *([plain(r["publisher"])] if r["publisher"] != usual else []),
            ]
            last = ", ".join(serves.get(r["name"], [])) if role == "series" else r.get("rows") or ""
            rows.append(("<br>".join(about), last))
        lines += [table(("file", "serves" if role == "series" else "rows"), rows, "files"), ""]
    return lines
