"""Which language to show and speak: each written and spoken in itself."""

from __future__ import annotations

from kiosk.screen_models.general import Choice, Option
from kiosk.screen_models.text import t, verbatim
from kiosk.ui import Ui

#: Name of each language in itself: nobody looks for "Hindi" in a language they cannot read.
LANGUAGE_NAMES = {"en": "English", "hi": "हिन्दी", "ur": "اردو"}


async def choose_language(ui: Ui) -> None:
    """Changes what is shown and spoken from now on."""
    options = tuple(Option(code, verbatim(name), "language") for code, name in LANGUAGE_NAMES.items())
    question = t("language.question")
    answer = await ui.ask(
        Choice(title=t("language.title"), question=question, speak=question, options=options, has_back=True)
    )
    if answer.action == "choose":
        ui.set_language(str(answer.value))
