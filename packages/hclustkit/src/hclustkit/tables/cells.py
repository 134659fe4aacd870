"""Files as rows of cells: encoding, separator, workbooks, Parquet."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree

import pandas as pd

from hclustkit.errors import InputError, fault, one, refusal
from hclustkit.tables.percents import mark_percents, ods_percents, xlsx_percents
from hclustkit.tables.reading import Reading
from hclustkit.tables.words import WORDS

MAX_BYTES = 50 * 1024 * 1024
"""Larger files are refused: a table to cluster is small, a larger one is likely a mistake."""

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods")
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin, whatever they are called."""

_HIDDEN = r'\bhidden="(1|true)"'
_UNCOMPUTED = re.compile(r'<c r="([A-Z]+[0-9]+)"[^>]*><f\b[^>]*>[^<]+</f>(?:<v ?/>|<v></v>)?</c>')
"""A formula without a result, as programs write that do not compute."""

ENCODINGS = ("cp1251", "kz1048", "cp1252", "koi8-r", "cp866", "cp1250", "cp1254", "mac-roman")
"""Named as readings where the bytes leave a doubt."""

_EASTERN = {
    "cp932": "\u3005\u3041-\u30ff\u4e00-\u9fff",
    "gbk": "\u4e00-\u9fff",
    "big5": "\u4e00-\u9fff",
    "euc_kr": "\uac00-\ud7a3",
    "cp1256": "\u0621-\u064a",
}
"""Encodings named only where nearly all words are in the letters of their languages."""

_NOT_RUSSIAN = set("\u0455\u0458\u045b\u045c")
"""Letters of Serbian and Macedonian in cp1251 that are Kazakh ones in kz1048."""


_UNLIKE = (KeyError, StopIteration, ElementTree.ParseError, zipfile.BadZipFile)
"""What reading the parts of a workbook raises where it is of another kind."""


Cell: TypeAlias = "str | float"
Row: TypeAlias = "tuple[int, list[Cell]]"
"""The number of a row in the file and its cells; numbers of a workbook stay numbers."""


def read_cells(
    source: Path | pd.DataFrame, *, sheet: str | int | None, sep: str | None, encoding: str | None
) -> tuple[list[Row], Reading]:
    """Read the rows of a file that are not blank, and start the record of its reading."""
    if isinstance(source, pd.DataFrame):
        return _frame_rows(source), Reading("DataFrame", "frame")
    check_file(source)
    kind = source.suffix.lower()
    content = source.read_bytes()
    # what a file is called is not always what it is: many an .xls is text, many a .csv a workbook
    if content.startswith(_ARCHIVES) or kind in WORKBOOKS:
        return _workbook_rows(source, sheet)
    if sheet is not None:
        text = f"{source.name}: sheet {sheet!r} is asked for, but only workbooks have sheets"
        raise refusal(text, source.name, "no-sheets", sheet)
    if kind in (".parquet", ".pq"):
        return _frame_rows(_parquet(source)), Reading(source.name, "parquet")
    text, used = decode(content, source.name, encoding)
    _refuse_other_text(text, source.name)
    rows, found = text_rows(text, source.name, sep, "\t" if kind == ".tsv" else None)
    return rows, Reading(source.name, "text", encoding=used, separator=found)


def check_file(path: Path) -> None:
    """Refuse a folder, a missing, an empty or a very large file."""
    if path.is_dir():
        text = f"{path.name or path}: this is a folder, a file is needed"
        raise refusal(text, str(path), "not-a-file")
    if not path.is_file():
        raise InputError(f"{path}: the file is missing", place=str(path), rule="missing-file")
    size = path.stat().st_size
    if size > MAX_BYTES:
        text = (
            f"{path.name}: {size / 2**20:.0f} MiB is more than the {MAX_BYTES / 2**20:.0f} MiB "
            "that a table may have; read it with pandas and pass the DataFrame"
        )
        raise refusal(text, path.name, "file-too-large", size)
    if size == 0:
        raise InputError(f"{path.name}: the file is empty", place=path.name, rule="empty-file")


# ------------------------------------------------------------------------------- encoding

_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def decode(content: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """Decode a text file; without ``encoding`` only where the bytes leave no doubt."""
    if encoding is None:
        encoding = _encoding(content, name)
    try:
        return content.decode(encoding), encoding
    except LookupError:
        text = f"{name}: unknown encoding {encoding!r}"
        raise refusal(text, "encoding", "unknown-encoding", encoding) from None
    except UnicodeDecodeError as error:
        row = _row_of(content, error)
        text = f"{name}: row {row}: the file is not {encoding} text"
        raise refusal(text, f"{name}, row {row}", "encoding", encoding) from None


def _row_of(content: bytes, error: UnicodeDecodeError) -> int:
    """Return the row in which bytes are not text, however its lines end."""
    return len((content[: error.start] + b".").splitlines())


def _encoding(content: bytes, name: str) -> str:
    """Find the encoding: UTF-8, UTF-16, UTF-32, cp1251 or cp1252."""
    for mark, found in _MARKS.items():
        if content.startswith(mark):
            return found
    zeros, odd = content.count(b"\0"), content[1::2].count(b"\0")
    wide = odd in (0, zeros) and 20 * zeros > len(content)  # every other byte, in UTF-16
    if content.startswith(b"%PDF") or (zeros and not wide):
        text = (
            f"{name}: the file is not text{', it holds NUL bytes' if zeros else ''}: save the "
            "table as CSV (UTF-8) or as a workbook"
        )
        raise refusal(text, name, "not-text", zeros)
    if zeros:
        return "utf-16-le" if odd else "utf-16-be"
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        row = _row_of(content, error)
    words = {code: _words(content, code) for code in ENCODINGS}
    russian = sum(_cyrillic(word) for word in words["cp1251"] or [])
    western = sum(_latin(word) for word in words["cp1252"] or [])
    mac = re.search(rb"[a-z][\x80-\x89\x8b\x91\x93-\x95\x98\x99\x9b][a-z]", content)
    if (words["cp1252"] == words["cp1251"] and not mac) or (
        western > max(5 * russian, 0.8 * len(words["cp1252"] or []))
    ):
        return "cp1252"
    cyrillic = words["cp1251"] or []
    kazakh = [at for at, word in enumerate(cyrillic) if set(word.lower()) & _NOT_RUSSIAN]
    if cyrillic and not kazakh and russian > max(5 * western, 0.8 * len(cyrillic)):
        return "cp1251"
    at = kazakh[0] if kazakh else 0
    for code, letters in _EASTERN.items():
        eastern = _words(content, code) or [""]
        plain = re.compile(rf"[{letters}\W\d]+")
        if sum(plain.fullmatch(word) is not None for word in eastern) > 0.9 * len(eastern):
            words[code] = eastern
    readings = " or ".join(
        f"{(found[at:] or found or ['?'])[0]!r} ({code})"
        for code, found in words.items()
        if found is not None
    )
    text = (
        f"{name}: row {row}: the file is not UTF-8 text, and what it is instead is in doubt: "
        f"{readings}; say which with encoding="
    )
    raise refusal(text, f"{name}, row {row}", "ambiguous-encoding", readings)


def _words(content: bytes, code: str) -> list[str] | None:
    """List the words with letters beyond ASCII; None where the bytes do not fit."""
    try:
        text = content.decode(code)
    except UnicodeDecodeError:
        return None
    found = re.findall(r"(?:[^\W\d_]|[^\x00-\x7f\s\u00a0«»\u2010-\u203a№°§©®±µ·])+", text)
    return [word for word in found if not word.isascii()]


def _cyrillic(word: str) -> bool:
    """Tell whether a word is Cyrillic throughout and cased as words are."""
    cased = word.islower() or word.isupper() or word.istitle()
    return len(word) > 1 and cased and all("\u0400" <= letter <= "\u04ff" for letter in word)


def _latin(word: str) -> bool:
    """Tell whether a word mixes plain letters with a few accented ones, as Western words do.

    Letters that only Icelandic has are more often Turkish ones in another encoding.
    """
    plain = sum(letter.isascii() for letter in word)
    cased = word.islower() or word.isupper() or word[1:].islower()
    return word.isalpha() and cased and plain * 2 >= len(word) and not set(word) & set("ÐðÝýÞþ")


# ------------------------------------------------------------------------------ separator


def text_rows(
    text: str, name: str, sep: str | None, likely: str | None
) -> tuple[list[Row], str | None]:
    """Split a text file into rows; return its separator as well."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    skipped = 0
    first, _, rest = text.partition("\n")
    declared = re.fullmatch(r'"?sep=(.)"?', first)
    if declared:
        sep, text, skipped = sep or declared[1], rest, 1
    if sep is not None:
        if len(sep) != 1:
            text = f"the separator must be one character, got {sep!r}"
            raise refusal(text, "sep", "separator", sep)
        rows = _split(text, sep, name, skipped)
    else:
        rows, sep = _best_split(text, name, skipped, likely)
    if not rows:
        raise InputError(f"{name}: the file is empty", place=name, rule="empty-file")
    lines = [line for line in text.split("\n") if line.strip()]
    quoted = all(re.match('\\s*"', line) for line in lines)
    if quoted and len(lines) == len(rows) and all(len(cells) == 1 for _, cells in rows):
        # every line within quotes, as a spreadsheet saves a column of lines
        inner = {number: str(cells[0]) for number, cells in rows}
        lines = [inner.get(number, "") for number in range(1, rows[-1][0] + 1)]
        return text_rows("\n".join(lines), name, sep, likely)
    width = len(rows[0][1]) + 1
    named = all(len(cells) == width and cells[-1] for _, cells in rows[1:])
    tabbed = sep == "\t" and str(rows[0][1][0]).strip().lower() not in WORDS["headings of names"]
    if named and len(rows) > 2 and (quoted or tabbed):
        rows[0][1].insert(0, "")  # R gives no heading to the names of rows
    return rows, sep


def _split(text: str, sep: str, name: str, skipped: int = 0) -> list[Row]:
    """List the rows that are not blank, each with its line number."""
    reader = csv.reader(io.StringIO(text), delimiter=sep, strict=True, skipinitialspace=sep == " ")
    rows: list[Row] = []
    last = skipped
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((last + 1, list(cells)))
            last = skipped + reader.line_num  # a quoted cell may run over several lines
    except csv.Error as error:
        row = last + 1  # where the cell begins that does not end
        text = f"{name}: row {row}: not a CSV file: {error}; mend the quotes there"
        raise refusal(text, f"{name}, row {row}", "csv") from None
    return rows


def _best_split(
    text: str, name: str, skipped: int, likely: str | None
) -> tuple[list[Row], str | None]:
    """Split by the separator that gives the most regular table."""
    found: dict[str, tuple[tuple[float, ...], list[Row]]] = {}
    fault: InputError | None = None
    for sep in SEPARATORS:
        if sep not in text:
            continue
        try:
            rows = _split(text, sep, name, skipped)
        except InputError as error:
            fault = error
            continue
        if rows:
            found[sep] = (_regularity(rows), rows)
    if not found or all(order[0][0] == 0 for order in found.values()):
        blank = _blank_split(text, name, skipped)
        if blank:
            return blank, " "
    if not found:
        if fault is not None:
            raise fault
        return _split(text, ",", name, skipped), None
    if likely in found:
        return found[likely][1], likely
    # of equals that are not quite regular, the one that gives more cells
    ranked = sorted(found, key=lambda sep: (found[sep][0], text.count(sep)), reverse=True)
    best = ranked[0]
    if len(ranked) > 1 and found[best][0] == found[ranked[1]][0] and found[best][0][0] > 0:
        names = " or ".join(SEPARATORS[sep] for sep in ranked[:2])
        text = f"{name}: cells may be separated by {names}; say which with sep="
        raise refusal(text, name, "ambiguous-separator", ranked[:2])
    return found[best][1], best


def _blank_split(text: str, name: str, skipped: int) -> list[Row]:
    """Split at blanks, as R writes tables; nothing where that gives no table of numbers."""
    try:
        rows = _split("\n".join(map(str.rstrip, text.split("\n"))), " ", name, skipped)
    except InputError:
        return []
    widths = {len(cells) for _, cells in rows[1:]}
    width = widths.pop() if len(widths) == 1 else 0
    number = re.compile(r"[-+\u2212]?[0-9.,]+([eE][-+]?[0-9]+)?|NA|NaN")
    if width < 2 or not all(number.fullmatch(str(cells[-1])) for _, cells in rows[1:]):
        return []
    quoted = all(line.startswith('"') for line in text.split("\n") if line.strip())
    return rows if len(rows[0][1]) in (width, width - quoted) else []


def _refuse_other_text(text: str, name: str) -> None:
    """Refuse a web page or JSON, whatever the file is called."""
    start = text[:2000].lstrip("\ufeff \t\r\n").lower()
    page = start.startswith("<") and re.search("<(!doctype|html|table|body|meta|\\?xml)", start)
    if page or re.match(r'[\[{]\s*["{\[]', start):
        what = "a web page or XML" if page else "JSON"
        text = (
            f"{name}: the file holds {what}, not a table: open it in a spreadsheet and save it as "
            "a workbook or CSV"
        )
        raise refusal(text, name, "not-a-table", what)


def _regularity(rows: Sequence[Row]) -> tuple[float, ...]:
    """Measure how much a split looks like a table: rows of one width, with numbers in them."""
    widths = Counter(len(cells) for _, cells in rows)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width == 1:
        return (0.0, 0.0, 0.0, 0.0)
    first = next(map(str, row) for _, row in rows if len(row) == width)
    headed = not any(re.fullmatch(r"[-+]?[0-9]+([.,][0-9]+)?", x) and len(x) != 4 for x in first)
    cells = [cell.strip() for _, row in rows for cell in row[1:] if isinstance(cell, str)]
    digits = [cell for cell in cells if re.search("[0-9]", cell)]
    numbers = [cell for cell in digits if re.fullmatch(r"[-+\u2212]?[0-9][0-9.,\s%'eE+-]*", cell)]
    regular = count / len(rows)
    share = len(numbers) / max(1, len(digits))
    return (float(regular == 1), float(headed and share > 0), regular, share)


# -------------------------------------------------------------------- workbooks and frames


def _parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except ImportError:
        raise _extra(path.name, "Parquet files", "pyarrow") from None
    except Exception as error:
        raise refusal(f"{path.name}: not a Parquet file: {error}", path.name, "parquet") from None
    return frame


def _extra(name: str, what: str, library: str) -> InputError:
    text = f"to read {what}, {library} is needed: pip install 'hclustkit[tables]'"
    return fault(name, text, "missing-extra", library)


def _frame_rows(frame: pd.DataFrame) -> list[Row]:
    """List the rows of a DataFrame, its header first; a plain row number as index is left out."""
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    levels = [column if isinstance(column, tuple) else (column,) for column in frame.columns]
    parts = ([str(part) for part in level if part not in (None, "")] for level in levels)
    header: list[Cell] = list(map(" ".join, parts))
    body = frame.itertuples(index=False, name=None)
    return [(1, header), *((at, [_cell(v) for v in row]) for at, row in enumerate(body, start=2))]


def _workbook_rows(path: Path, sheet: str | int | None) -> tuple[list[Row], Reading]:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise _extra(path.name, "workbooks", "python-calamine") from None
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = list(book.sheet_names)
        chosen = _sheet(path.name, names, sheet, lambda name: _sheet_rows(book, name))
        rows = _sheet_rows(book, chosen)
    except InputError:
        raise
    except Exception as error:
        text = (
            f"{path.name}: not a workbook: {error}; unpack an archive, give text the ending .csv; "
            "a workbook must have no password"
        )
        raise refusal(text, path.name, "workbook") from None
    width = max((len(row) for _, row in rows), default=0)
    found = Reading(path.name, "workbook", sheet=chosen)
    text = "hidden rows and formulas without a result are seen in .xlsx files only, percent signs"
    found.notes = [f"{text} in .xlsx and .ods: elsewhere 12% is read as 0.12"]
    with contextlib.suppress(*_UNLIKE):
        text = _sheet_xml(path, chosen)
        found.notes = [
            one(f"{count} {what} are read that the workbook hides; to leave any out: drop=")
            for what, count in _hidden(text, width).items()
            if count
        ]
        if formula := _UNCOMPUTED.search(text):
            text = (
                f"{path.name}: cell {formula[1]} holds a formula and no result of it: open the "
                "workbook in a spreadsheet program and save it there"
            )
            place = f"{path.name}, cell {formula[1]}"
            raise refusal(text, place, "formula-without-result", formula[1])
        mark_percents(rows, xlsx_percents(path, text))
    with contextlib.suppress(*_UNLIKE):
        mark_percents(rows, ods_percents(path, chosen))
    return rows, found


def _sheet_xml(path: Path, sheet: str) -> str:
    """Return what an xlsx file says of a sheet."""
    with zipfile.ZipFile(path) as book:
        listed = ElementTree.fromstring(book.read("xl/workbook.xml"))
        recount = any(x.get("fullCalcOnLoad") in ("1", "true") for x in listed.iter())
        key = next(x for x in listed.iter() if x.tag.endswith("}sheet") and x.get("name") == sheet)
        ids = [value for name, value in key.items() if name.endswith("}id")]
        kept = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
        target = next(str(x.get("Target")) for x in kept if x.get("Id") in ids)
        text = book.read(target[1:] if target[0] == "/" else f"xl/{target}").decode()
    text = re.sub(r"(</?)\w+:", r"\1", text)  # some programs put a prefix before every tag
    # a program that does not compute writes zeros and asks the next one to compute
    return text.replace("</f><v>0</v>", "</f>") if recount else text


def _hidden(text: str, width: int) -> dict[str, int]:
    """Count the rows and columns of a sheet of an xlsx file that are hidden, as by a filter."""
    tags = [tag for tag in re.findall(r"<(?:row|col) [^>]*", text) if re.search(_HIDDEN, tag)]
    spans = [dict(re.findall(r'\b(min|max)="(\d+)"', tag)) for tag in tags if tag[1] == "c"]
    columns = {
        at for span in spans for at in range(int(span["min"]), min(int(span["max"]), width) + 1)
    }
    return {"rows": len(tags) - len(spans), "columns": len(columns)}


def _sheet_rows(book: Any, name: str) -> list[Row]:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    cells = ((at, [_cell(value) for value in row]) for at, row in enumerate(rows, start=1))
    return [(at, row) for at, row in cells if any(cell != "" for cell in row)]


def _sheet(
    file: str, names: Sequence[str], sheet: str | int | None, rows: Callable[[str], list[Row]]
) -> str:
    """Return the sheet asked for, or the only one that holds something."""
    if sheet not in names and str(sheet).isdecimal() and 1 <= int(str(sheet)) <= len(names):
        return names[int(str(sheet)) - 1]
    if sheet is not None:
        if str(sheet) in names:
            return str(sheet)
        text = f"{file}: there is no sheet {sheet!r}; there are {_list_names(names)}"
        raise refusal(text, f"{file}, sheet", "unknown-sheet", sheet)
    filled = [name for name in names if rows(name)]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise refusal(f"{file}: the workbook is empty", file, "empty-file", names)
    text = (
        f"{file}: {len(filled)} sheets hold something ({_list_names(filled)}); name one with sheet="
    )
    raise refusal(text, f"{file}, sheet", "choose-sheet", filled)


def _list_names(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _cell(value: object) -> Cell:
    """Return a value of a workbook or a DataFrame as a cell."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str) or (isinstance(value, int) and abs(value) > 2**53):
        return str(value)  # a float holds no longer ones
    if not pd.api.types.is_scalar(value):
        return str(value)
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
