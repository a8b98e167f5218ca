"""Grievances as people lodged them, and those that a denial raises by itself."""
