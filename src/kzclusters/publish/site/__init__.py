"""The site: notebooks as executed, paper, data, figures and code as pages that need no server.

`stage` puts the sources together, Sphinx turns them into HTML, `check` reads what came out, and
only a site without a fault replaces the one before (`builder.build`).
"""
