"""Values that know where they come from, and how they are written.

The template reads results through `Branch`; what it prints is a `Leaf` with the dotted name of
the value. `write_value` turns a value and a format into text; the template, the HTML and the checks
all use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from hclustkit.errors import InputError

from kzclusters.wording import MINUS, NUMBERS, day, listing, share


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("not a number")
    return value


def write_value(value: Any, form: str) -> str:
    """Write ``value`` as the text has it.

    Parameters
    ----------
    value : str, number, or list of them
    form : str
        ``text`` as it is; ``n:D`` with D decimals; ``comma:D`` the same with the signs of Russian
        and Kazakh; ``count`` with separated thousands; ``percent:D`` a share as a percentage, see
        `kzclusters.wording.share`; ``signed:D`` with its sign; ``words`` a small whole number in
        words; ``Words`` the same at the head of a sentence; ``size`` the length of a list in
        words; ``day`` an ISO date in words; ``listing`` a list.

    Raises
    ------
    InputError
        The value cannot be written so.
    """
    kind, _, digits = form.partition(":")
    try:
        if kind == "text":
            if value is None or isinstance(value, (Mapping, list, tuple)):
                raise TypeError("no single value")
            text = str(value)
        elif kind == "n":
            text = f"{_number(value):,.{int(digits)}f}"
        elif kind == "comma":
            text = f"{_number(value):_.{int(digits)}f}".replace(".", ",")
            text = text.replace("_", "\N{NO-BREAK SPACE}")
        elif kind == "count":
            if int(_number(value)) != value:
                raise TypeError("not a whole number")
            text = f"{int(value):,}"
        elif kind == "percent":
            text = share(_number(value), int(digits))
        elif kind == "signed":
            text = f"{_number(value):+.{int(digits)}f}"
        elif kind in ("words", "Words"):
            whole = int(_number(value))
            if whole != value:
                raise TypeError("not a whole number")
            text = NUMBERS[whole] if 0 <= whole < len(NUMBERS) else f"{whole:,}"
            text = text.capitalize() if kind == "Words" else text
        elif kind == "size":
            text = write_value(len(value), "words")
        elif kind == "day":
            text = day(value)
        elif kind == "listing":
            if not isinstance(value, (list, tuple)):
                raise TypeError("not a list")
            text = listing(value)
        else:
            raise TypeError("no such format")
    except (TypeError, ValueError) as error:
        raise InputError(f"{value!r} cannot be written as {form!r}: {error}") from None
    if kind in ("n", "comma", "count", "percent", "signed"):
        if not re.search("[1-9]", text):
            text = text.lstrip("+-")  # a rounded zero has no sign
        text = text.replace("-", MINUS)
    return text


@total_ordering
@dataclass(frozen=True, eq=False)
class Leaf:
    """A value with its dotted name. It compares as the value does."""

    key: str
    value: Any
    form: str = "text"

    def as_(self, form: str) -> Leaf:
        """Return the same value in another format."""
        return Leaf(self.key, self.value, form)

    def __eq__(self, other: object) -> bool:
        return self.value == plain(other)

    def __lt__(self, other: object) -> bool:
        return self.value < plain(other)

    def __hash__(self) -> int:
        return hash(self.key)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value)

    def __getitem__(self, place: int) -> Leaf:
        try:
            return Leaf(f"{self.key}.{place}", self.value[place])
        except (IndexError, KeyError, TypeError):
            raise InputError(f"the findings hold no '{self.key}.{place}'") from None

    def __bool__(self) -> bool:
        return bool(self.value)

    def __str__(self) -> str:
        """Write a Markdown span that carries the key and the format."""
        text = "".join(
            f"\\{letter}" if letter in r"\`*_{}[]<>()#+!|$~^@'\"" else letter
            for letter in write_value(self.value, self.form)
        )
        return f'[{text}]{{.value key="{self.key}" form="{self.form}"}}'


def plain(value: Any) -> Any:
    """Return the value of a `Leaf`, and anything else as it is."""
    return value.value if isinstance(value, Leaf) else value


class Branch:
    """A mapping or list of the results, walked by dots and brackets in the template."""

    def __init__(self, content: Mapping[str, Any] | Sequence[Any], key: str = "") -> None:
        self._content = content
        self._key = key

    def __getitem__(self, name: Any) -> Branch | Leaf:
        name = plain(name)
        key = f"{self._key}.{name}" if self._key else str(name)
        try:
            return branch(self._content[name], key)
        except (KeyError, IndexError, TypeError):
            raise InputError(f"the findings hold no {key!r}") from None

    def __iter__(self) -> Iterator[Any]:
        names = self._content if isinstance(self._content, Mapping) else range(len(self._content))
        return (self[name] for name in names)

    def __len__(self) -> int:
        return len(self._content)


def branch(value: Any, key: str) -> Branch | Leaf:
    """Make a `Branch` of a mapping or a list of mappings, else a `Leaf`."""
    nested = isinstance(value, Mapping) or (
        isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping)
    )
    return Branch(value, key) if nested else Leaf(key, value)


def lookup(content: Mapping[str, Any], key: str) -> Any:
    """Look up the value at a dotted name.

    Raises
    ------
    InputError
        There is none.
    """
    found: Any = content
    walked: list[str] = []
    rest = key
    # a name may hold a dot itself ("0.05"), so the longest one that fits is taken
    while rest:
        parts = rest.split(".")
        for size in range(len(parts), 0, -1):
            name = ".".join(parts[:size])
            if isinstance(found, Mapping) and name in found:
                found = found[name]
                break
            if isinstance(found, (list, tuple)) and name.isdigit() and int(name) < len(found):
                found = found[int(name)]
                break
        else:
            raise InputError(f"the findings hold no {key!r}")
        walked.append(name)
        rest = ".".join(parts[size:])
    return found
