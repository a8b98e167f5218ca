"""The voice: sound files in the background, no names on disk, no trouble without sound."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Sequence
from pathlib import Path

import pytest

from kiosk.i18n.catalogue import LANGUAGES
from kiosk.i18n.phrasebook import Phrasebook
from kiosk.prompts.chime import make_chime
from kiosk.prompts.sentence_maker import SentenceMaker, SpeechFailed
from kiosk.prompts.spoken_voice import SpokenVoice, VoiceHealth
from kiosk.screen_models.text import Text, t, verbatim

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")

GREETING = t("help.called")
PERSONAL = t("denial.spoken", reason=GREETING, alternative=GREETING, number="G-2026-0031")


class FakePlayer:
    def __init__(self, *, has_audio: bool = True) -> None:
        self._has_audio = has_audio
        self.played: list[list[Path]] = []
        self.deleted: list[Path] = []

    def has_audio(self) -> bool:
        return self._has_audio

    def play(self, files: Sequence[Path], *, delete: Sequence[Path] = ()) -> None:
        self.played.append(list(files))
        self.deleted.extend(delete)


class WrittenSentences(SentenceMaker):
    """Writes the sentence itself instead of sound: quick, and tells what would be said."""

    def is_available(self) -> bool:
        return True

    def _make(self, sentence: str, language: str, path: Path) -> None:
        path.write_text(f"{language}: {sentence}", encoding="utf-8")


class BrokenSentences(WrittenSentences):
    def _make(self, sentence: str, language: str, path: Path) -> None:
        raise SpeechFailed("no voice")


def _speak(voice: SpokenVoice, *texts: Text) -> None:
    """Say it and wait until the thread has done it."""
    voice.say(texts, "en")
    for _ in range(2_000):
        if voice.is_idle():
            return
        voice.wait_idle(0.005)
    raise AssertionError("the voice did not come to rest")


@needs_espeak
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_voice(language: str, tmp_path: Path) -> None:
    maker = SentenceMaker(tmp_path)
    sentence = Phrasebook(language).spoken(t("timeout.still_there"))
    path = maker.wav_of(sentence, language, is_personal=False)
    with wave.open(str(path)) as sound:
        assert sound.getnframes() / sound.getframerate() > 0.8


def test_a_sentence_without_names_is_made_once(tmp_path: Path) -> None:
    maker = WrittenSentences(tmp_path)
    first = maker.wav_of("Hello", "en", is_personal=False)
    changed = first.stat().st_mtime_ns
    assert maker.wav_of("Hello", "en", is_personal=False) == first
    assert first.stat().st_mtime_ns == changed
    assert maker.wav_of("Hello", "hi", is_personal=False) != first


def test_a_sentence_with_a_name_is_handed_to_the_player_to_be_deleted(tmp_path: Path) -> None:
    player = FakePlayer()
    voice = SpokenVoice(WrittenSentences(tmp_path), player)
    _speak(voice, GREETING, PERSONAL)
    assert len(player.played[0]) == 2
    assert player.deleted == [player.played[0][1]]
    assert player.deleted[0].name.startswith("personal-")


def test_what_a_crash_left_behind_is_deleted_at_the_start(tmp_path: Path) -> None:
    left = tmp_path / "personal-x.wav"
    left.write_bytes(b"")
    SpokenVoice(WrittenSentences(tmp_path), FakePlayer())
    assert not left.exists()


def test_without_a_sound_card_nothing_is_made_and_the_health_says_so(tmp_path: Path) -> None:
    player = FakePlayer(has_audio=False)
    voice = SpokenVoice(WrittenSentences(tmp_path), player)
    _speak(voice, GREETING)
    assert voice.health() is VoiceHealth.NO_AUDIO
    assert player.played == []


def test_without_speech_nothing_breaks_and_the_health_says_so(tmp_path: Path) -> None:
    voice = SpokenVoice(BrokenSentences(tmp_path), FakePlayer())
    assert voice.health() is VoiceHealth.SPEAKING
    _speak(voice, verbatim("Asha"))
    assert voice.health() is VoiceHealth.NO_SPEECH
    assert not list(tmp_path.glob("personal-*"))


def test_a_missing_program_is_a_failure_with_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpeechFailed):
        SentenceMaker(tmp_path).wav_of("Hello", "en", is_personal=True)
    assert not list(tmp_path.glob("personal-*"))


def test_the_chime_is_a_short_sound(tmp_path: Path) -> None:
    with wave.open(str(make_chime(tmp_path / "chime.wav"))) as sound:
        assert 0.5 < sound.getnframes() / sound.getframerate() < 1.5
