"""Believable screens with invented people, for the contact sheet and the layout lint."""

from __future__ import annotations

from kiosk.screen_models.base import Screen
from kiosk.screens.samples.cards import card_samples
from kiosk.screens.samples.fingers import finger_samples
from kiosk.screens.samples.general import general_samples
from kiosk.screens.samples.local_check import local_check_samples
from kiosk.screens.samples.people import people_samples
from kiosk.screens.samples.services import service_samples


def all_samples() -> dict[str, Screen]:
    """Every screen model at least once, by a name for its picture; texts follow the language of the window."""
    return {
        **general_samples(),
        **service_samples(),
        **people_samples(),
        **card_samples(),
        **finger_samples(),
        **local_check_samples(),
    }
