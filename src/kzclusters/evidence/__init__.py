"""Series, indicators, the article and its claims as data, and their checks."""
