"""Fill the Markdown source from the findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from hclustkit.errors import InputError, refusal

from kzclusters.publish.paper.values import Leaf, branch, plain

GUARD = "holds"


def _form(kind: str, usual: int | None = None) -> Callable[..., Leaf]:
    """Make the filter of a form; ``usual`` are its digits where the text gives none."""

    def apply(value: Any, digits: int | None = usual) -> Leaf:
        if isinstance(value, jinja2.Undefined):
            str(value)  # says what is undefined
        if not isinstance(value, Leaf):
            text = f"{kind!r} is applied to {value!r}, which is not a value of the findings"
            raise refusal(text, None, None)
        return value.as_(kind if digits is None else f"{kind}:{digits}")

    return apply


def _guard(broken: list[str] | None) -> Callable[[Any, str], str]:
    def holds(condition: Any, claim: str) -> str:
        if plain(condition):
            return ""
        if broken is None:
            raise InputError(f"the findings no longer bear out what the text says: {claim}")
        broken.append(claim)
        return (
            "\n\n::: {.notice}\n**To be rewritten.** The findings have changed and no longer bear "
            f"out what this part says: {claim}.\n:::\n\n"
        )

    return holds


def fill(
    source: str,
    results: Mapping[str, Any],
    name: str = "paper.md",
    *,
    broken: list[str] | None = None,
) -> str:
    """Fill every placeholder of ``source``.

    Parameters
    ----------
    source : Markdown with Jinja placeholders (comments are ``<#`` ... ``#>``)
    results : nested mapping
    broken : list, optional
        Collects wordings that the findings no longer bear out; a notice takes their place.
        Without a list the first such wording is an error.

    Raises
    ------
    InputError
        A placeholder that the findings do not fill, or a wording that they no longer bear out.
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        # "{#" opens an identifier in Markdown
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    plain_forms = ("n", "count", "signed", "words", "Words", "size", "day", "listing")
    environment.filters |= {name: _form(name) for name in plain_forms}
    environment.filters |= {name: _form(name, 0) for name in ("comma", "percent")}
    environment.globals.clear()
    environment.globals[GUARD] = _guard(broken)
    top = {key: branch(value, key) for key, value in results.items()}
    try:
        return environment.from_string(source).render(top)
    except jinja2.TemplateSyntaxError as error:
        raise InputError(f"{name}: line {error.lineno}: {error.message}") from None
    except jinja2.UndefinedError as error:
        raise InputError(f"{name}: {error.message}") from None
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
