"""The sets of fingers that realism, thresholds and wear are measured on: real, drawn, and the town's templates."""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import numpy as np

from benchmarks.fingerprint_sets import Degradation, find_impressions
from benchmarks.minutia_statistics import Seen
from benchmarks.template_cache import SeenFingers, TemplateCache
from biometrics.engine import Engine
from biometrics.extraction.pipeline import ExtractionConfiguration, extract
from biometrics.images import GreyImage
from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import WINDOW_DPI, Finger, Skin
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.town.minutiae import draw_template
from hardware_sim.town.person import TownPerson
from hardware_sim.town.seen_minutiae import touching_share
from hardware_sim.town.town import Town

_TOWN_SEED, _TOWN_PEOPLE, _ADULT_FROM, _NEXT_PERSON = 11, 100_000, 18, 37
_GREY_STEP = 16
_DRAWN_BY = ("hardware_sim/fingers", "benchmarks/measured_fingers.py")
_PROGRESS_EVERY = 40


class DrawnSkin(Enum):
    """Whose skin drawn fingers have."""

    TOWN = "synthetic"
    """That of grown people of the town, with their work and age."""
    STUDENTS = "synthetic, unworn"
    """That of young people with good skin, as the people of the real sets are; other people than those of TOWN."""


@dataclass(frozen=True, slots=True)
class MeasuredFingers:
    """Reads and draws the sets, each once a cache."""

    cache: TemplateCache
    impressions: int = 4

    def real(self, folder: Path, degradation: Degradation, engine: Engine) -> SeenFingers:
        """The fingers of a folder."""

        def make() -> SeenFingers:
            fingers: dict[str, list[Seen]] = {}
            for number, impression in enumerate(find_impressions(folder)):
                if number % _PROGRESS_EVERY == 0:
                    say(f"{engine.value}: {folder.name}, {degradation.value}: picture {number}")
                image, dpi = impression.load(degradation)
                fingers.setdefault(impression.finger, []).append(read(image, dpi, engine))
            return list(fingers.values())

        return self.cache.get(f"{folder.name}-{degradation.value}", engine, make)

    def drawn(self, fingers: int, skin: DrawnSkin, engine: Engine) -> SeenFingers:
        """Everyday impressions of one finger each of so many people, as the small sensor sends them."""

        def make() -> SeenFingers:
            rows = []
            with tempfile.TemporaryDirectory(prefix="sw-drawn-") as passing:
                source = SyntheticFingers(self.cache.folder / "masters" if self.cache.folder else Path(passing))
                for number, (person, position) in enumerate(sitters(fingers, skin)):
                    if number % _PROGRESS_EVERY == 0:
                        say(f"{engine.value}: {skin.value}: finger {number} of {fingers}")
                    rows.append(self._draw(source, person, position, skin, engine))
            return rows

        name = f"{skin.name.lower()}-{fingers}x{self.impressions}"
        return self.cache.get(name, engine, make, drawn_by=_DRAWN_BY)

    def town(self, fingers: int, skin: DrawnSkin, engine: Engine) -> SeenFingers:
        """The same people's fingers as the town's templates, made without pictures."""
        rows = []
        for person, position in sitters(fingers, skin):
            finger = _finger(person, position, skin)
            numbers = range(self.impressions)
            rows.append([Seen(draw_template(finger, n, engine), touching_share(finger, n)) for n in numbers])
        return rows

    def _draw(
        self, source: SyntheticFingers, person: TownPerson, position: FingerPosition, skin: DrawnSkin, engine: Engine
    ) -> list[Seen]:
        finger = _finger(person, position, skin)
        pictures = [source.everyday_picture(finger, number) for number in range(self.impressions)]
        return [read(as_sent(picture), WINDOW_DPI, engine) for picture in pictures]


def sitters(fingers: int, skin: DrawnSkin) -> Iterator[tuple[TownPerson, FingerPosition]]:
    """Grown people from all over the town, each with a finger; thumb to little finger in turn."""
    town = Town(_TOWN_SEED, _TOWN_PEOPLE)
    start = list(DrawnSkin).index(skin)
    numbers = range(start, _TOWN_PEOPLE, _NEXT_PERSON)
    grown = (person for number in numbers if (person := town.person(number)).age_years >= _ADULT_FROM)
    for number, person in enumerate(itertools.islice(grown, fingers)):
        yield person, person.fingers[number % len(person.fingers)]


def _finger(person: TownPerson, position: FingerPosition, skin: DrawnSkin) -> Finger:
    finger = person.finger(position)
    return finger if skin is DrawnSkin.TOWN else replace(finger, skin=Skin(finger.skin.ridge_period_px))


def as_sent(picture: GreyImage) -> GreyImage:
    """The picture in the 16 greys that the small sensor sends."""
    return np.asarray(picture // _GREY_STEP * (_GREY_STEP + 1), np.uint8)


def read(image: GreyImage, dpi: int, engine: Engine) -> Seen:
    """What the engine finds on the picture."""
    configuration = ExtractionConfiguration(engine, threads=1)
    found = extract(image, dpi=dpi, position=FingerPosition.UNKNOWN, configuration=configuration)
    return Seen(found.template, found.foreground_share)


def say(text: str) -> None:
    """Progress, on the error stream."""
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
