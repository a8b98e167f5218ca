"""Templates kept between runs of a benchmark, so that a new matcher is measured without reading pictures again.

Only for pictures that may lie about anyhow (public sets, invented fingers): the files are not encrypted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.minutia_statistics import Seen
from biometrics.engine import Engine
from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition

#: Finger by finger, impression by impression.
SeenFingers = list[list[Seen]]

_PROJECT = Path(__file__).parents[1]
_EXTRACTION = ("biometrics/extraction", "biometrics/leader", "biometrics/capture", "biometrics/images.py")
_FIELDS = 7


@dataclass(frozen=True, slots=True)
class TemplateCache:
    """A folder of templates. Without a folder nothing is kept; with ``is_frozen`` what lies there is believed.

    Otherwise a set is made anew when the extractor's or the drawing's source has changed since.
    """

    folder: Path | None
    is_frozen: bool = False

    def get(
        self, name: str, engine: Engine, make: Callable[[], SeenFingers], *, drawn_by: tuple[str, ...] = ()
    ) -> SeenFingers:
        """The set of that name read by that engine, made now if it is not there; ``drawn_by`` names more sources."""
        if self.folder is None:
            return make()
        path = self.folder / f"{engine.value}-{name}.npz"
        digest = _digest_of_sources((*_EXTRACTION, *drawn_by))
        if path.exists():
            kept_digest, kept = _load(path, engine)
            if self.is_frozen or kept_digest == digest:
                return kept
        fingers = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        _save(path, digest, fingers)
        return fingers


def _digest_of_sources(places: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for place in places:
        root = _PROJECT / place
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _save(path: Path, digest: str, fingers: SeenFingers) -> None:
    impressions, minutiae, shares = [], [], []
    for number, row in enumerate(fingers):
        for seen in row:
            t = seen.template
            count = len(t.minutiae)
            impressions.append((number, t.width_px, t.height_px, t.dpi, int(t.position), t.quality, count))
            minutiae += [(m.x_px, m.y_px, m.angle_256, int(m.kind), m.quality) for m in t.minutiae]
            shares.append(seen.foreground_share)
    np.savez_compressed(
        path,
        digest=np.array(digest),
        impressions=np.array(impressions, np.int32).reshape(-1, _FIELDS),
        minutiae=np.array(minutiae, np.int32).reshape(-1, 5),
        shares=np.array(shares),
    )


def _load(path: Path, engine: Engine) -> tuple[str, SeenFingers]:
    with np.load(path) as kept:
        digest, impressions, rows, shares = (kept[key] for key in ("digest", "impressions", "minutiae", "shares"))
    minutiae = iter([Minutia(x, y, angle, MinutiaKind(kind), trust) for x, y, angle, kind, trust in rows.tolist()])
    fingers: SeenFingers = []
    for row, share in zip(impressions.tolist(), shares.tolist(), strict=True):
        while len(fingers) <= row[0]:
            fingers.append([])
        fingers[row[0]].append(Seen(_template(row, minutiae, engine), share))
    return str(digest), fingers


def _template(row: list[int], minutiae: Iterator[Minutia], engine: Engine) -> Template:
    _, width_px, height_px, dpi, position, quality, count = row
    own = tuple(next(minutiae) for _ in range(count))
    return Template(width_px, height_px, dpi, FingerPosition(position), quality, own, engine)
