"""The old name of the functions of `hclustkit.compare`."""

from hclustkit.compare import *  # noqa: F403
