"""Paper and supplement: two Markdown sources, filled from the findings, as PDF, HTML and DOCX.

``python -m kzclusters.publish.paper build`` writes ``paper/paper.pdf`` and ``supplement.pdf``,
which are committed, and both as HTML and DOCX; ``python -m kzclusters.publish.paper check`` says
whether they are what the findings give. Each figure, table and section is in one of the two and
may be referred to in both; those of the supplement are called S1 and so on.

How a number gets into the text
-------------------------------
The sources hold no number of their own. ``{{ agreement.adjusted_rand_index | n(2) }}`` takes
one from `kzclusters.analysis.findings.Findings`; in the text it is a span that carries its key and
format, so that the checks, and a reader of the HTML, can trace it.
`kzclusters.publish.paper.checks.check_text` refuses every digit outside such a span that is not on
a short list of names. ``{{ holds(condition, "what the text says") }}`` prints nothing while the
findings bear the wording out; after that it prints a notice, and the checks fail.

A figure is ``::: {#fig:dendrogram}``, closed by ``:::``; its caption and alternative text come
from ``figures/manifest.yml``. A table is ``::: {#tbl:agglomeration_schedule}``; the paragraph
inside is its caption, and the cells come from `kzclusters.publish.paper.tables`.
``[](#fig:dendrogram)`` becomes "Figure 4". A formula is a span that says it in words:
``[$x^2$]{alt="x squared"}``.
"""
