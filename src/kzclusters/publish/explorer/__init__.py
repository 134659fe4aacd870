"""The explorer: one HTML page that computes every view of the notebooks in the browser."""
