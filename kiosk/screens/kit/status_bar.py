"""Whether the registry is reached, and how much still waits to be sent."""

from __future__ import annotations

from kiosk.screens import tokens
from kiosk.screens.kit.surface import Card
from kiosk.screens.kit.words import Mark, Words


class StatusBar(Card):
    """Sign and word in a pill. Offline is amber, never red: service goes on."""

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.radius_mm, self.edge = 5.0, ""
        self.padding = [tokens.mm(2.4), tokens.mm(0.6), tokens.mm(2.8), tokens.mm(0.6)]
        self.spacing = tokens.mm(1.6)
        self.mark = Mark(size_hint_x=None, width=tokens.text_mm(5.6), share=1.0)
        self.label = Words(role="small", bold=True)
        self.add_widget(self.mark)
        self.add_widget(self.label)

    def show(self, is_online: bool, sentence: str) -> None:
        self.fill = tokens.SOFT if is_online else tokens.WARNING_SOFT
        ink = tokens.PRIMARY if is_online else tokens.WARNING
        self.mark.icon, self.mark.ink = ("online" if is_online else "offline"), ink
        self.label.text, self.label.ink = sentence, ink
