"""The audit chains checked from first line to head, and anchored outside the database."""
