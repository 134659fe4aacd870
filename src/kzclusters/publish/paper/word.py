"""The Word document: its styles, and what pandoc leaves to be finished."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

SERIF = "Cambria"
"""Has every Kazakh and Russian letter; office programs without it take Caladea or a serif."""
TABLE_STYLES = {
    "normal": ("Table Text", 9.5),
    "small": ("Table Text Small", 8),
    "tiny": ("Table Text Tiny", 7),
}
_INK = RGBColor(0x1A, 0x1A, 0x1A)


def _font(style: ParagraphStyle, size: float, *, bold: bool | None = None) -> None:
    """Set the type of a style."""
    style.font.name = SERIF
    style.font.size = Pt(size)
    style.font.bold = bold
    style.font.color.rgb = _INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # pandoc's own document names theme fonts, which would win over the plain names
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), SERIF)


def _set_spacing(style: ParagraphStyle, before: float, after: float, line: float = 1.15) -> None:
    """Set the room before and after a paragraph in points, and the line height."""
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line


def _element(name: str, **values: str) -> BaseOxmlElement:
    element = OxmlElement(f"w:{name}")
    for key, value in values.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _field(paragraph: Paragraph, code: str) -> None:
    """Add a field to a paragraph, such as the page number."""
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = code
    begin, end = (_element("fldChar", fldCharType=kind) for kind in ("begin", "end"))
    for mark in (begin, instruction, end):
        paragraph.add_run()._r.append(mark)


def reference(plain: bytes) -> bytes:
    """Make the document whose styles the paper takes from pandoc's own, given as bytes."""
    document = docx.Document(io.BytesIO(plain))
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.3)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(footer, "PAGE")

    styles = document.styles
    for name in ("Normal", "Body Text", "First Paragraph", "Compact", "Bibliography", "Block Text"):
        _font(styles[name], 10.5)
        _set_spacing(styles[name], 0, 6)
    _set_spacing(styles["Compact"], 0, 2)
    for name, size, before in (("Title", 20, 0), ("Heading 1", 14.5, 16), ("Heading 2", 12, 12)):
        _font(styles[name], size, bold=True)
        _set_spacing(styles[name], before, 6, 1.05)
        styles[name].paragraph_format.keep_with_next = True
    for name in ("Author", "Abstract", "Abstract Title"):
        _font(styles[name], 10.5, bold=name == "Abstract Title")
    for name in ("Table Caption", "Image Caption"):
        _font(styles[name], 9.5)
        _set_spacing(styles[name], 6, 8 if name == "Image Caption" else 4, 1.1)
    styles["Table Caption"].paragraph_format.keep_with_next = True
    styles["Captioned Figure"].paragraph_format.keep_with_next = True
    for name, size in TABLE_STYLES.values():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _font(style, size)
        _set_spacing(style, 0.5, 0.5, 1.0)
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
    return _pack(document)


def _dress(table: Table, style: str) -> None:
    """Give a table its type, rules, a repeated head, rows that stay whole, and room after it."""
    table.autofit = False
    after = next(table._tbl.itersiblings(qn("w:p")), None)
    if after is not None:
        Paragraph(after, table._parent).paragraph_format.space_before = Pt(10)
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", 8), ("bottom", 8), ("insideH", 2)):
        borders.append(_element(side, val="single", sz=str(size), space="0", color="808080"))
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(side, w="40", type="dxa"))
    properties.append(margins)
    for at, row in enumerate(table.rows):
        form = row._tr.get_or_add_trPr()
        form.insert(0, OxmlElement("w:cantSplit"))
        if at == 0 and form.find(qn("w:tblHeader")) is None:
            form.append(OxmlElement("w:tblHeader"))
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph._p.style = style  # python-docx would look for it at every paragraph
                if at == 0:
                    for run in paragraph.runs:
                        run.bold = True


def finish(path: Path, sizes: list[str]) -> bytes:
    """Dress the tables of the document that pandoc wrote, and return the same bytes every time.

    Parameters
    ----------
    path : of the document
    sizes : size of each table's type, in their order
    """
    document = docx.Document(str(path))
    for table, size in zip(document.tables, sizes, strict=True):
        _dress(table, document.styles[TABLE_STYLES[size][0]].style_id)
    instant = datetime.datetime(2015, 1, 1)
    core = document.core_properties
    core.created = core.modified = instant
    core.language = "en-GB"
    return _pack(document)


def _pack(document: Document) -> bytes:
    """Return the package with fixed dates, uncompressed: zlib differs between builds of Python."""
    buffer = io.BytesIO()
    document.save(buffer)
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as fixed:
        for name in package.namelist():
            entry = zipfile.ZipInfo(name, date_time=(2015, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            fixed.writestr(entry, package.read(name))
    return out.getvalue()
