"""The one file that says what the index consists of: whoever reads it reads a whole index or none."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from biometrics.index.errors import IndexBroken
from biometrics.index.keys import DIRECTIONS, KEY_COUNT, NEIGHBOURS
from biometrics.index.segment import MAX_SLOTS
from biometrics.index.snapshot import Snapshot

MANIFEST_NAME = "manifest"
#: 2: postings with the direction of their minutia; a bookmark.
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class ListedSegment:
    """A segment's id and its entries that live no longer."""

    id: str
    dead: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """generation grows with every change; bookmark says how far the index follows whatever it is made from."""

    generation: int
    segments: tuple[ListedSegment, ...]
    bookmark: str = ""


def file_name(segment_id: str) -> str:
    return f"segment-{segment_id}"


def describe(snapshot: Snapshot, generation: int, bookmark: str) -> Manifest:
    """The manifest of that snapshot."""
    segments = [ListedSegment(part.id, tuple(np.flatnonzero(~part.alive).tolist())) for part in snapshot.parts]
    return Manifest(generation, tuple(segments), bookmark)


def encode(manifest: Manifest) -> bytes:
    """As JSON, with the scheme by which the keys were made."""
    segments = [[segment.id, list(segment.dead)] for segment in manifest.segments]
    written = {
        "format": _FORMAT,
        "scheme": _scheme(),
        "generation": manifest.generation,
        "bookmark": manifest.bookmark,
        "segments": segments,
    }
    return json.dumps(written, separators=(",", ":")).encode()


def decode(encoded: bytes) -> Manifest:
    """Raises IndexBroken for another format, or for keys made by another scheme: the index must be built anew."""
    try:
        read = json.loads(encoded)
        if read["format"] != _FORMAT or read["scheme"] != _scheme():
            raise IndexBroken("the finger index was made by another version")
        segments = [ListedSegment(str(id_), tuple(int(entry) for entry in dead)) for id_, dead in read["segments"]]
        return Manifest(int(read["generation"]), tuple(segments), str(read["bookmark"]))
    except (KeyError, TypeError, ValueError) as error:
        raise IndexBroken("the manifest of the finger index is malformed") from error


def _scheme() -> list[int]:
    return [KEY_COUNT, NEIGHBOURS, DIRECTIONS, MAX_SLOTS]
