"""Draw trees, silhouettes and proximities."""
