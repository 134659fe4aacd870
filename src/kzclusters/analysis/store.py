"""Reading and writing findings: typed in the program, plain in the files."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from hclustkit.errors import InputError, fault
from hclustkit.files import write_json

from kzclusters import paths
from kzclusters.analysis.findings import Findings
from kzclusters.analysis.grid_findings import Robustness
from kzclusters.analysis.missing.findings import Missing
from kzclusters.analysis.setting_findings import Setting
from kzclusters.analysis.space_findings import Space

T = TypeVar("T")

PARTS: dict[str, type] = {
    "robustness": Robustness,
    "setting": Setting,
    "missing": Missing,
    "space": Space,
}
"""Parts of `Findings` that a later notebook writes, each to the JSON file of its name."""


def as_mapping(part: Any) -> Any:
    """Turn a finding into plain values, as they are written and as templates read them."""
    if dataclasses.is_dataclass(part):
        return {f.name: as_mapping(getattr(part, f.name)) for f in dataclasses.fields(part)}
    if isinstance(part, Mapping):
        return {str(key): as_mapping(value) for key, value in part.items()}
    if isinstance(part, tuple):
        return [as_mapping(value) for value in part]
    return part


def from_mapping(kind: type[T], content: Any, place: str = "") -> T:
    """Read a finding of one kind from plain values.

    Parameters
    ----------
    kind : type
        A dataclass of this module.
    content : nested mapping
    place : str
        How an error calls the content.

    Raises
    ------
    InputError
        A field is missing, unknown or of another type.
    """
    if not isinstance(content, Mapping):
        raise _misread(place, "a mapping", content)
    hints = typing.get_type_hints(kind)
    for name in [*hints, *content]:
        optional = any(f.name == name and f.default is None for f in dataclasses.fields(kind))  # type: ignore[arg-type]
        if name not in hints or (name not in content and not optional):
            what = "missing" if name in hints else "unknown"
            text = f"the field {name!r} is {what}; run `make`"
            raise fault(place, text, f"{what}-field", name)
    given = {name: _value(hints[name], value, f"{place}.{name}") for name, value in content.items()}
    return kind(**given)


def _value(kind: Any, value: Any, place: str) -> Any:
    """Read the value of a field as its type has it: finding, tuple, mapping or plain value."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else _value(inner[0], value, place)
    if dataclasses.is_dataclass(kind):
        return from_mapping(typing.cast(type, kind), value, place)
    if origin is tuple:
        if not isinstance(value, list):
            raise _misread(place, "a list", value)
        return tuple(_value(inner[0], item, f"{place}.{at}") for at, item in enumerate(value))
    if origin is not None:
        if not isinstance(value, Mapping):
            raise _misread(place, "a mapping", value)
        return {key: _value(inner[1], item, f"{place}.{key}") for key, item in value.items()}
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _misread(place, kind.__name__, value)
    return value


def _misread(place: str, wanted: str, value: Any) -> InputError:
    """Build the error for a value of another type."""
    return fault(place, f"expected {wanted}, got {value!r}", "field-type", value)


def read_json(folder: Path, name: str) -> Any:
    """Read one of the files of findings.

    Raises
    ------
    InputError
        It is missing or not JSON.
    """
    path = folder / name
    shown = paths.from_root(path)
    if not path.is_file():
        raise fault(shown, "the file is missing; run `make`", "missing-file")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise fault(shown, f"not JSON: {error}", "json") from None


def load(folder: Path | None = None, *, robustness: bool = False) -> Findings:
    """Load the findings of one run.

    Parameters
    ----------
    folder : Path, optional
        Folder of ``results.json``; that of the baseline by default.
    robustness : bool
        Whether the files of `PARTS` are needed; otherwise each is read where there is one.

    Raises
    ------
    InputError
        A file is missing, or is not what this module describes.
    """
    folder = folder or paths.PROCESSED
    found = from_mapping(Findings, read_json(folder, "results.json"), "results.json")
    read: dict[str, Any] = {
        name: from_mapping(kind, read_json(folder, f"{name}.json"), f"{name}.json")
        for name, kind in PARTS.items()
        if robustness or (folder / f"{name}.json").is_file()
    }
    return dataclasses.replace(found, **read)


def save(found: Any, folder: Path) -> Path:
    """Write findings, or one of `PARTS` of them, to the file that is theirs."""
    content = as_mapping(found)
    if not isinstance(found, Findings):
        (name,) = (name for name, kind in PARTS.items() if isinstance(found, kind))
        return write_json(folder / f"{name}.json", content)
    for name in PARTS:
        content.pop(name)
    return write_json(folder / "results.json", content)
