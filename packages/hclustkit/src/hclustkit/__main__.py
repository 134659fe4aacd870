"""``python -m hclustkit``: the command line."""

from hclustkit.report.command import main

if __name__ == "__main__":
    raise SystemExit(main())
