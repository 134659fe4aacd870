"""The manuscript: one Markdown source, filled from the results, built as PDF, HTML and DOCX.

``python -m kzclusters.publish.paper build`` writes ``paper/paper.pdf``, ``paper.html``, ``paper.docx``
and ``paper/record.json``; ``python -m kzclusters.publish.paper check`` says whether they are what the
results give.

How a number gets into the text
-------------------------------
``paper/paper.md`` holds no number of its own. ``{{ agreement.adjusted_rand_index | n(2) }}`` takes
one from the results (`kzclusters.analysis.results`) or from what `kzclusters.publish.paper.facts` derives from the
tables; it stands in the text as a span that carries its key and format, so that the checks, and a
reader of the HTML, can trace it. `kzclusters.publish.paper.checks.check_text` refuses every digit outside
such a span that is not on a short list of names. ``{{ holds(condition, "what the text says") }}``
prints nothing while the results bear the wording; after that it puts a notice there, and the
checks fail.

A figure is ``::: {#fig:dendrogram}``, closed by ``:::``; its caption and alternative text come from
``figures/manifest.yml``. A table is ``::: {#tbl:agglomeration_schedule}``; the paragraph inside is
its caption, and the cells come from `kzclusters.publish.paper.tables`. ``[](#fig:dendrogram)`` becomes
"Figure 4". A formula stands in a span that says it in words: ``[$x^2$]{alt="x squared"}``.
"""

from kzclusters.publish.paper.production import build
from kzclusters.publish.paper.verify import check

__all__ = ["build", "check"]
