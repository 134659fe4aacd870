"""Links that open a notebook in Binder or Colab, all made from the address of the repository.

The address is ``repository-code`` of ``CITATION.cff``; while it is not set there are no links.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from hclustkit.errors import InputError

from kzclusters import paths

FILE, FIELD = "CITATION.cff", "repository-code"
ADDRESS = re.compile(r"https://(github|gitlab)\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")
PORTABLE = "src/kzclusters/publish/portable/ward.ipynb"
LESSON = "05_ward_by_hand"


def repository() -> str:
    """Read the address of the repository; "" while it is not set."""
    return str(paths.read_yaml(paths.ROOT / FILE).get(FIELD) or "")


def links(name: str, address: str) -> str:
    """Write the links of a notebook's page in Markdown, nothing where the address is "".

    Parameters
    ----------
    name : of the notebook in the study file
    address : of the repository, on GitHub or GitLab

    Raises
    ------
    InputError
        The address is not that of a repository.

    Examples
    --------
    >>> links("07_where_the_regions_lie", "https://github.com/me/mine").count("https://mybinder.org")
    1
    >>> links("07_where_the_regions_lie", "")
    ''
    """
    if not address:
        return ""
    found = ADDRESS.fullmatch(address)
    if not found:
        said = f"{FILE}: {FIELD} is {address!r}, not like https://github.com/OWNER/NAME"
        raise InputError(said, place=FILE, rule="repository-address", value=address)
    host, project = found.groups()
    at = f"gh/{project}" if host == "github" else f"gl/{quote(project, safe='')}"
    binder = f"https://mybinder.org/v2/{at}/HEAD?urlpath=lab/tree/notebooks/{name}.ipynb"
    text = f"[Run this notebook in Binder]({binder}), which takes some minutes to start."
    if name == LESSON and host == "github":
        colab = f"https://colab.research.google.com/github/{project}/blob/main/{PORTABLE}"
        text += f" Quicker to start: the [portable lesson in Colab]({colab})."
    return text
