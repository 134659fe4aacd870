"""What a column that is missing, wholly or in part, could change."""
