"""Tested functions that compute every published number."""
