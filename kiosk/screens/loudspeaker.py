"""Plays sound files through Kivy's SDL audio, on Kivy's thread, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kiosk.screens.toolkit import later

if TYPE_CHECKING:

    class SoundLoader:
        @staticmethod
        def load(path: str) -> Sound | None: ...

else:
    from kivy.core.audio import SoundLoader


class Sound(Protocol):
    length: float

    def play(self) -> None: ...
    def stop(self) -> None: ...
    def unload(self) -> None: ...
    def bind(self, **callbacks: Callable[..., object]) -> None: ...


_SOUND_CARDS = Path("/proc/asound/cards")
_NO_CARDS = "no soundcards"


def has_sound_card() -> bool:
    """SDL plays into nothing without complaint, so the cards are counted instead."""
    if os.environ.get("SDL_AUDIODRIVER") in ("dummy", "disk"):
        return False
    if os.environ.get("PULSE_SERVER") or Path(f"/run/user/{os.getuid()}/pulse/native").exists():
        return True
    try:
        return _NO_CARDS not in _SOUND_CARDS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


class Loudspeaker:
    """A ``Player``. Files are played on Kivy's thread, whoever asks."""

    def __init__(self) -> None:
        self._has_audio = has_sound_card()
        self._sound: Sound | None = None
        self._waiting: list[Path] = []
        self._to_delete: list[Path] = []

    def has_audio(self) -> bool:
        return self._has_audio

    def play(self, files: Sequence[Path], *, delete: Sequence[Path] = ()) -> None:
        later(lambda: self._start(list(files), list(delete)))

    def _start(self, files: list[Path], delete: list[Path]) -> None:
        self._end()
        self._waiting, self._to_delete = files, delete
        self._play_next()

    def _play_next(self) -> None:
        self._unload()
        if not self._waiting or not self._has_audio:
            self._end()
            return
        sound = SoundLoader.load(str(self._waiting.pop(0)))
        if sound is None:
            self._end()
            return
        self._sound = sound
        sound.bind(on_stop=lambda *_: later(lambda: self._ended(sound)))
        sound.play()

    def _ended(self, sound: Sound) -> None:
        if sound is self._sound:
            self._play_next()

    def _end(self) -> None:
        self._unload()
        self._waiting = []
        for path in self._to_delete:
            path.unlink(missing_ok=True)
        self._to_delete = []

    def _unload(self) -> None:
        sound, self._sound = self._sound, None
        if sound is not None:
            sound.stop()
            sound.unload()
