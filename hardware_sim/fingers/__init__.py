"""Fingers for the simulated sensor: invented ones, or pictures from a folder."""
