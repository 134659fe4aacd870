"""How Sphinx makes the site: `python -m kzclusters.publish.site` stages the sources for it."""

from importlib.metadata import version as version_of
from pathlib import Path

project = "Regional clusters of Kazakhstan"
author = "The kzclusters authors"
project_copyright = "The kzclusters authors. Text and figures CC BY 4.0, code MIT"
version = release = version_of("kzclusters")
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "kzclusters.publish.site.mathml",
    "kzclusters.publish.site.names",
]
templates_path = ["_templates"]

# The notebooks are shown as they were executed and committed.
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
nb_ipywidgets_js = {}
myst_enable_extensions = ["amsmath", "attrs_inline", "dollarmath"]
myst_heading_anchors = 3

# Docstrings follow numpydoc; single backticks name code.
default_role = "literal"
# A short type name such as Grid may belong to several modules; it is then left without a link.
suppress_warnings = ["ref.python"]
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_param = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
maximum_signature_line_length = 80
python_use_unqualified_type_names = True
viewcode_line_numbers = True
# An alias such as dict[str, int] would be followed to the module builtins, which has no page.
viewcode_follow_imported_members = False
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_favicon = "_static/favicon.svg"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_permalinks_icon = "#"
# Pages come before the modules and functions of the reference.
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_sidebars = {"index": [], "paper": [], "explore": [], "teach": [], "figures/index": []}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "Clusters of Kazakhstan"},
    "navbar_align": "left",
    "navbar_end": ["explorer-link", "theme-switcher"],
    "header_links_before_dropdown": 6,
    "search_bar_text": "Search the site",
    "navigation_with_keys": False,
    # the reference as far as its rooms: the whole tree on every page is slow to make and to read
    "navigation_depth": 2,
    "show_prev_next": True,
    "show_toc_level": 2,
    "use_edit_page_button": False,
    "secondary_sidebar_items": ["page-toc", "notebook-download"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
