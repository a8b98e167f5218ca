"""One finger against one finger."""

from __future__ import annotations

from biometrics.template import Template
from domain.errors import NotAvailableYet


def compare(probe: Template, reference: Template) -> float:
    """How much speaks for one finger.

    0 nothing, rising without limit; only thresholds.py gives it a meaning.
    """
    raise NotAvailableYet("matching")
