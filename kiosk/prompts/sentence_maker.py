"""Sound files of sentences, made by espeak-ng."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ProjectError

#: Voice of espeak-ng and words a minute, by language. Slower than its usual 175: the listener may be old.
VOICES = {"en": ("en-gb", 145), "hi": ("hi", 140), "ur": ("ur", 135)}
_DEADLINE_S = 10.0
_LONGEST_TEXT = 2_000


class SpeechFailed(ProjectError):
    """The sentence could not be made into sound: espeak-ng is missing, slow, or has no voice for the language."""

    code = "kiosk.speech_failed"
    message_key = "error.speech_failed"


@dataclass(frozen=True, slots=True)
class SentenceMaker:
    """Makes WAV files in a folder. Sentences with names or amounts are never kept."""

    folder: Path

    def is_available(self) -> bool:
        return shutil.which("espeak-ng") is not None

    def wav_of(self, sentence: str, language: str, *, is_personal: bool) -> Path:
        """The file of the sentence; one with personal words is new each time, and the caller deletes it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if is_personal:
            handle, name = tempfile.mkstemp(prefix="personal-", suffix=".wav", dir=self.folder)
            os.close(handle)
            path = Path(name)
            try:
                self._make(sentence, language, path)
            except SpeechFailed:
                path.unlink(missing_ok=True)
                raise
            return path
        path = self.folder / f"{language}-{_digest(sentence, language)}.wav"
        if not path.exists():
            unfinished = path.with_suffix(f".{os.getpid()}.part")
            self._make(sentence, language, unfinished)
            unfinished.replace(path)
        return path

    def forget_personal(self) -> None:
        """Delete what a crash may have left."""
        for path in self.folder.glob("personal-*.wav"):
            path.unlink(missing_ok=True)

    def _make(self, sentence: str, language: str, path: Path) -> None:
        voice, words_a_minute = VOICES.get(language, VOICES["en"])
        command = ["espeak-ng", "-v", voice, "-s", str(words_a_minute), "-w", str(path), "--stdin"]
        try:
            # by standard input: what is said must not be seen in the list of processes
            subprocess.run(
                command, input=sentence[:_LONGEST_TEXT].encode(), capture_output=True, timeout=_DEADLINE_S, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SpeechFailed(f"espeak-ng did not speak {language}: {type(error).__name__}") from error


def _digest(sentence: str, language: str) -> str:
    voice, words_a_minute = VOICES.get(language, VOICES["en"])
    return hashlib.sha256(f"{voice}/{words_a_minute}/{sentence}".encode()).hexdigest()[:24]
