"""A receipt to look at on the screen."""

from __future__ import annotations

from kiosk.screen_models.base import Picture


def receipt_picture() -> Picture:
    from kiosk.screens.samples.pictures import MOTHER, portrait

    return portrait(MOTHER)
