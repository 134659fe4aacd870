"""The article's own setting: agreement, what survives, chance, errors, other methods."""
