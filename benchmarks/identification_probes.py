"""Fingers for the identification benchmark, real or of a town: some are searched for, the others make the crowd."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2

from benchmarks.fingerprint_sets import Degradation, Impression, find_impressions
from biometrics.engine import Engine
from biometrics.extraction.configuration import ExtractionConfiguration
from biometrics.extraction.pipeline import extract
from biometrics.iso19794 import decode_record, encode_record
from biometrics.template import Template
from domain.fingers import ENROLMENT_ORDER, FingerPosition
from hardware_sim.town.person import TownPerson
from hardware_sim.town.town import Town

#: The people without pictures: searched for, with so many impressions each, and those whose prints make the crowd.
_TOWN_SEED, _TOWN_PEOPLE, _ADULT_FROM, _NEXT_PERSON = 11, 100_000, 18, 37
_SEARCHED_PEOPLE, _IMPRESSIONS, _CROWD_PEOPLE = 40, 4, 120


@dataclass(frozen=True, slots=True)
class ProbePerson:
    """Two fingers of a set put together, one impression of each."""

    owner: str
    impression: int
    fingers: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """People to be searched for, and the prints that the crowd is made of: no finger is in both."""

    people: tuple[ProbePerson, ...]
    crowd: tuple[Template, ...]

    def with_fingers(self, most: int) -> Material:
        """The same with so many fingers of each person at most: people are enrolled as those of the crowd."""
        return replace(self, people=tuple(replace(p, fingers=p.fingers[:most]) for p in self.people))


def gather(
    folders: Sequence[Path], engine: Engine, is_first_half: bool, cache: Path | None, say: Callable[[str], None]
) -> Material:
    """The fingers of each set, by their numbers: one half is searched for, the other makes the crowd."""
    people: list[ProbePerson] = []
    crowd: list[Template] = []
    for folder in folders:
        impressions = list(find_impressions(folder.resolve()))
        templates = _extract_all(impressions, engine, cache, say)
        fingers = sorted({impression.finger for impression in impressions}, key=lambda name: (len(name), name))
        half = len(fingers) // 2
        searched = fingers[:half] if is_first_half else fingers[half:]
        people += _pair_up(folder.name, searched, templates)
        crowd += [template for impression, template in templates.items() if impression.finger not in searched]
    return Material(tuple(people), tuple(crowd))


def gather_town() -> Material:
    """Grown people of an invented town, their minutiae drawn without pictures: for where no images are at hand."""
    town = Town(_TOWN_SEED, _TOWN_PEOPLE)
    grown = (p for n in itertools.count() if (p := town.person(n * _NEXT_PERSON)).age_years >= _ADULT_FROM)
    whole = (person for person in grown if set(ENROLMENT_ORDER[:2]) <= set(person.fingers))
    searched = list(itertools.islice(whole, _SEARCHED_PEOPLE))
    people = [
        ProbePerson(person.id, number, _hand(town, person, number))
        for person in searched
        for number in range(_IMPRESSIONS)
    ]
    crowd = [finger for person in itertools.islice(whole, _CROWD_PEOPLE) for finger in _hand(town, person, 0)]
    return Material(tuple(people), tuple(crowd))


def _hand(town: Town, person: TownPerson, impression: int) -> tuple[Template, ...]:
    return tuple(town.templates(person, ENROLMENT_ORDER[:2], impression))


def _pair_up(name: str, fingers: Sequence[str], templates: dict[Impression, Template]) -> list[ProbePerson]:
    by_place = {(impression.finger, impression.number): template for impression, template in templates.items()}
    people = []
    for one, other in itertools.pairwise([*fingers, fingers[0]]):
        for number in sorted({n for finger, n in by_place if finger == one}):
            if (other, number) in by_place:
                hand = (by_place[one, number], by_place[other, number])
                people.append(ProbePerson(f"{name}/{one}+{other}", number, hand))
    return people


def _extract_all(
    impressions: Sequence[Impression], engine: Engine, cache: Path | None, say: Callable[[str], None]
) -> dict[Impression, Template]:
    found: dict[Impression, Template] = {}
    work = partial(_template_of, engine=engine, cache=cache)
    with ProcessPoolExecutor(os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)) as workers:
        for impression, template in zip(impressions, workers.map(work, impressions, chunksize=4), strict=True):
            found[impression] = template
            if len(found) % 20 == 0:
                say(f"{impression.set_name}: extracted {len(found)} of {len(impressions)}")
    return found


def _template_of(impression: Impression, engine: Engine, cache: Path | None) -> Template:
    kept = cache and cache / f"{engine.value}-{impression.set_name}-{impression.path.stem}.fmr"
    if kept and kept.exists():
        return decode_record(kept.read_bytes())[0]
    image, dpi = impression.load(Degradation.NONE)
    configuration = ExtractionConfiguration(engine, threads=1)
    template = extract(image, dpi=dpi, position=FingerPosition.UNKNOWN, configuration=configuration).template
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(encode_record([template]))
    return template
