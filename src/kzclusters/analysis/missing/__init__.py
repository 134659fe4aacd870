"""What is missing from the article's indicators, and what it could change."""
