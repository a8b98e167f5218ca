"""The live camera picture with the checks beside it, then the picture taken."""

from __future__ import annotations

from kiosk.screen_models.people import PortraitCapture
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.check_list import draw_checks
from kiosk.screens.kit.face_frame import FaceFrame
from kiosk.screens.kit.surface import Down
from kiosk.screens.kit.words import Words

load_kv(__file__)

#: Two lines of a title; of ordinary words on a short panel.
_HINT_MM, _SHORT_HINT_MM = 18.0, 11.0


class PortraitCaptureBody(Body[PortraitCapture]):
    shows = PortraitCapture

    def draw(self, model: PortraitCapture) -> None:
        self.part("person", Words).text = self.say(model.person)
        hint = self.part("hint", Words)
        hint.text = "" if model.hint is None else self.say(model.hint)
        hint.height = 0 if model.hint is None else tokens.text_mm(_SHORT_HINT_MM if tokens.PANEL.is_short else _HINT_MM)
        face = self.part("face", FaceFrame)
        face.is_guided = model.taken is None
        face.is_good = bool(model.checks) and all(check.passed for check in model.checks)
        if model.taken is not None:
            face.show(model.taken)
        else:
            face.show_live(model.frame)
        draw_checks(self.part("checks", Down), model.checks, self.say)
