"""What the tests of this package say about refused input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hclustkit.errors import InputError


@contextmanager
def refused(
    rule: str | None, *, place: str | None = None, value: object = None
) -> Iterator[pytest.ExceptionInfo[InputError]]:
    """Expect an `InputError` with this rule, whose place contains ``place``."""
    with pytest.raises(InputError) as caught:
        yield caught
    if rule is not None:
        assert caught.value.rule == rule, str(caught.value)
        assert caught.value.place, str(caught.value)
    if place is not None:
        assert place in (caught.value.place or ""), (caught.value.place, str(caught.value))
    if value is not None:
        assert caught.value.value == value, (caught.value.value, str(caught.value))
        if isinstance(value, str):
            assert value in str(caught.value)
