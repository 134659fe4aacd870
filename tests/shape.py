"""The size of the code: lines, functions and files, counted from the syntax tree.

Run it for a table by folder: ``python tests/shape.py src/kzclusters packages/hclustkit/src``.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Function:
    """A function or method: its name, first line, and lines without its docstring."""

    name: str
    line: int
    lines: int


@cache
def parse(source: str) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(source)


def _docstring(node: ast.AST) -> range:
    """Return the lines of the docstring of a module, class or function; empty if it has none."""
    body = getattr(node, "body", None)
    if not isinstance(node, _WITH_DOCSTRING) or not body:
        return range(0)
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str())) as first:
            return range(first.lineno, (first.end_lineno or first.lineno) + 1)
    return range(0)


def code_lines(source: str) -> int:
    """Count the lines of code: not blank, not a comment, not part of a docstring.

    Parameters
    ----------
    source : str
        The text of a Python file.

    Returns
    -------
    int
        Each line of a statement over several lines, or of a string other than a docstring, counts.
    """
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(parse(source)):
        lines.difference_update(_docstring(node))
    return len(lines)


def functions(source: str) -> Iterator[Function]:
    """Yield the functions and methods of a Python file, inner ones included.

    Decorators and the docstring do not count; blank lines and comments do.
    """
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = node.end_lineno or node.lineno
            yield Function(node.name, node.lineno, end - node.lineno + 1 - len(_docstring(node)))


def count(folder: Path) -> Counter[str]:
    """Count the lines of code below a folder, by its direct subfolders and modules."""
    total: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.py")):
        total[path.relative_to(folder).parts[0]] += code_lines(path.read_text(encoding="utf-8"))
    return total


if __name__ == "__main__":
    everything = 0
    for name in sys.argv[1:]:
        by_part = count(Path(name))
        everything += by_part.total()
        print(f"{by_part.total():6,}  {name}")
        for part, lines in sorted(by_part.items(), key=lambda item: -item[1]):
            print(f"{lines:6,}    {part}")
    print(f"{everything:6,}  together")
