"""Compare partitions and trees."""
