"""Ward clusters of the regions of Kazakhstan, rebuilt from official statistics."""

__version__ = "0.1.0"
