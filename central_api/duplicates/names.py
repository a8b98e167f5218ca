"""Names as the duplicate search compares them: spelling habits folded away, the order of words forgotten."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import JaroWinkler

from domain.people import PersonName

#: Spellings of one sound in Latin letters, as clerks in South Asia vary them; the longer first.
_SAME_SOUND = (
    ("aa", "a"),
    ("ee", "i"),
    ("ii", "i"),
    ("oo", "u"),
    ("uu", "u"),
    ("ou", "u"),
    ("chh", "c"),
    ("ch", "c"),
    ("sh", "s"),
    ("kh", "k"),
    ("gh", "g"),
    ("jh", "j"),
    ("th", "t"),
    ("dh", "d"),
    ("ph", "f"),
    ("bh", "b"),
    ("ck", "k"),
    ("q", "k"),
    ("w", "v"),
    ("z", "j"),
    ("y", "i"),
    ("x", "ks"),
)
_NOT_A_LETTER = re.compile(r"[^a-z ]+")
_DOUBLED = re.compile(r"(.)\1+")
#: Forms of address that some clerks write and some leave out.
_TITLES = frozenset({"sri", "srimati", "smt", "md", "mohd", "mst", "mr", "mrs", "haji"})
_WEIGHT_OF_LEAST = 0.7
#: A word that only one of the names has (a father's name, a village) makes them a little less alike.
_WORD_LEFT_OUT = 0.93


def name_key(name: PersonName) -> str:
    """The folded name: lower case, no marks or titles, one letter a sound, words in alphabetical order."""
    plain = unicodedata.normalize("NFKD", name.latin.casefold())
    letters = _NOT_A_LETTER.sub("", plain.replace("-", " ").replace(".", " "))
    words = [word for word in letters.split() if word not in _TITLES] or letters.split()
    return " ".join(sorted(_fold(word) for word in words))


def _fold(word: str) -> str:
    for spelling, sound in _SAME_SOUND:
        word = word.replace(spelling, sound)
    folded = _DOUBLED.sub(r"\1", word)
    # A final "a" is spoken by some and written by some: Ram and Rama, Ashok and Ashoka.
    return folded[:-1] if len(folded) > 3 and folded.endswith("a") else folded


def likeness(key: str, local: str, known_key: str, known_local: str) -> int:
    """How alike two names are, 0–100, in the script in which they are more alike."""
    by_sound = _alike(key.split(), known_key.split())
    first, second = _normal(local), _normal(known_local)
    by_writing = _alike(first.split(), second.split()) if _script(first) == _script(second) else 0.0
    return int(100 * max(by_sound, by_writing))


def _alike(words: list[str], known: list[str]) -> float:
    """0–1. The pair of words that is least alike weighs most: half a village bears one family name."""
    fewer, more = sorted((words, known), key=len)
    if not fewer:
        return 0.0
    left, likenesses = list(more), []
    for word in fewer:
        best = max(left, key=lambda other: JaroWinkler.similarity(word, other))
        likenesses.append(JaroWinkler.similarity(word, best))
        left.remove(best)
    together = _WEIGHT_OF_LEAST * min(likenesses) + (1 - _WEIGHT_OF_LEAST) * sum(likenesses) / len(likenesses)
    return float(together * _WORD_LEFT_OUT ** len(left))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _script(text: str) -> str:
    """The first word of the Unicode name of the first letter: its script."""
    letter = next((character for character in text if character.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""
