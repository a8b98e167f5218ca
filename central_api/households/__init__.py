"""Registered households and persons, and their sealed biometrics."""
