"""The lesson: data, exercises and their judges."""
