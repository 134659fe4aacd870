"""Trees: linkage, ties, schedule, cuts."""
