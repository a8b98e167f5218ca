"""The places of the sample: one nation of two districts, five levels deep, named in three scripts."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from domain.areas import Area

_FILE = Path(__file__).with_name("areas.json")


def load_areas() -> list[Area]:
    """Parents before children."""
    return TypeAdapter(list[Area]).validate_json(_FILE.read_bytes())
