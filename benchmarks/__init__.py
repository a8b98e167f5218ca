"""Figures, each measured by one command: ``./run bench NAME --json FILE``."""
