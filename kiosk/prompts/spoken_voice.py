"""The voice of the window: makes sentences in a thread of its own and hands them to a player."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from kiosk.i18n.phrasebook import Phrasebook, has_personal_values
from kiosk.prompts.chime import make_chime
from kiosk.prompts.sentence_maker import SentenceMaker, SpeechFailed
from kiosk.screen_models.text import Text

_log = logging.getLogger(__name__)


class VoiceHealth(StrEnum):
    SPEAKING = "speaking"
    #: espeak-ng is not installed, or cannot speak.
    NO_SPEECH = "no_speech"
    #: There is no sound card, or it plays nothing.
    NO_AUDIO = "no_audio"


class Player(Protocol):
    """Plays sound files one after the other; called on any thread."""

    def has_audio(self) -> bool: ...

    def play(self, files: Sequence[Path], *, delete: Sequence[Path] = ()) -> None:
        """Stop what plays, play these, then delete the ones named."""
        ...


@dataclass(frozen=True, slots=True)
class _Order:
    number: int
    sentences: tuple[Text, ...]
    language: str


class SpokenVoice:
    """Says the newest sentence; one still waiting is dropped. Where there is no sound, nothing else changes."""

    def __init__(self, maker: SentenceMaker, player: Player) -> None:
        self._maker, self._player = maker, player
        self._orders: queue.Queue[_Order] = queue.Queue()
        self._idle = threading.Event()
        self._idle.set()
        self._newest = 0
        self._speech_failed = False
        maker.forget_personal()
        threading.Thread(target=self._work, name="voice", daemon=True).start()

    def health(self) -> VoiceHealth:
        if not self._player.has_audio():
            return VoiceHealth.NO_AUDIO
        if self._speech_failed or not self._maker.is_available():
            return VoiceHealth.NO_SPEECH
        return VoiceHealth.SPEAKING

    def say(self, sentences: Sequence[Text], language: str) -> None:
        self._newest += 1
        if self.health() is not VoiceHealth.NO_AUDIO:
            self._idle.clear()
            self._orders.put(_Order(self._newest, tuple(sentences), language))

    def is_idle(self) -> bool:
        """Whether every order was made or dropped."""
        return self._idle.is_set()

    def wait_idle(self, timeout_s: float) -> bool:
        return self._idle.wait(timeout_s)

    def chime(self) -> None:
        self._player.play([make_chime(self._maker.folder / "chime.wav")])

    def _work(self) -> None:
        while True:
            order = self._orders.get()
            if order.number == self._newest:
                self._speak(order)
            if self._orders.empty():
                self._idle.set()

    def _speak(self, order: _Order) -> None:
        """Make and play one order, unless a newer one comes meanwhile."""
        files: list[Path] = []
        personal: list[Path] = []
        try:
            for text in order.sentences:
                if order.number != self._newest:
                    break
                self._make(text, order.language, files, personal)
        except SpeechFailed as failure:
            self._speech_failed = True
            _log.warning("no speech: %s", failure)
        if order.number == self._newest and files:
            self._player.play(files, delete=personal)
        else:
            for path in personal:
                path.unlink(missing_ok=True)

    def _make(self, text: Text, language: str, files: list[Path], personal: list[Path]) -> None:
        is_personal = has_personal_values(text)
        path = self._maker.wav_of(Phrasebook(language).spoken(text), language, is_personal=is_personal)
        files.append(path)
        if is_personal:
            personal.append(path)
        self._speech_failed = False
