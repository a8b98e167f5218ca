"""Who is refused by finger, by work: first try, three tries, second finger.   [--people N a group] [--json FILE]"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

import cv2
import numpy as np

from biometrics.engine import Engine
from biometrics.extraction.pipeline import ExtractionConfiguration, extract
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.matcher import compare
from biometrics.template import Template
from biometrics.thresholds import FMR, decide, fuse, fuse_tries
from domain.fingers import ENROLMENT_ORDER, FingerPosition
from domain.verification import TRIES_A_FINGER
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.town.occupation import Occupation
from hardware_sim.town.person import TownPerson
from hardware_sim.town.town import Town

_TOWN_SEED, _TOWN_PEOPLE, _NEXT_PERSON = 5, 100_000, 7
_GREY_STEP = 16
_ENROLMENT_IMPRESSIONS = 2
_FIRST_VISIT_IMPRESSION = 10
_FMR = FMR.ONE_IN_10_000
_OLD_FROM = 65


class WorkGroup(Enum):
    """People whose fingers have seen about as much."""

    DESK = "desk and shop"
    HOUSE_AND_FIELD = "house and field"
    STONE_AND_CLAY = "stone, bricks, masonry"
    OLD = "65 and older"


_DESK = {Occupation.CLERK, Occupation.TEACHER, Occupation.TRADER, Occupation.TAILOR, Occupation.DRIVER}
_FIELD = {Occupation.HOUSEWORK, Occupation.FARM_WORKER, Occupation.FARMER, Occupation.WEAVER}
_STONE = {Occupation.MASON, Occupation.STONE_CUTTER, Occupation.BRICK_MAKER}


@dataclass(frozen=True, slots=True)
class Visit:
    """How one person fared: at what step a finger was accepted, None where no finger was."""

    wear: float
    accepted_at_try: int | None
    """1 to 3 with the best finger."""
    accepted_with_second: bool


@dataclass(frozen=True, slots=True)
class GroupResult:
    """Shares of a group's people."""

    people: int
    mean_wear: float
    refused_at_first_try: float
    refused_after_three: float
    refused_after_second_finger: float
    """These go on to PIN, face and officer."""


def group_of(person: TownPerson) -> WorkGroup | None:
    """None for pupils and others who are not compared."""
    if person.age_years >= _OLD_FROM:
        return WorkGroup.OLD
    for members, group in (
        (_DESK, WorkGroup.DESK),
        (_FIELD, WorkGroup.HOUSE_AND_FIELD),
        (_STONE, WorkGroup.STONE_AND_CLAY),
    ):
        if person.occupation in members:
            return group
    return None


def people_of(group: WorkGroup, count: int) -> Iterator[TownPerson]:
    """The first so many of that group with two thumbs, from all over the town."""
    town = Town(_TOWN_SEED, _TOWN_PEOPLE)
    everybody = (town.person(number) for number in range(0, _TOWN_PEOPLE, _NEXT_PERSON))
    of_group = (p for p in everybody if group_of(p) is group and set(ENROLMENT_ORDER[:2]) <= set(p.fingers))
    return itertools.islice(of_group, count)


class Desk:
    """Enrols people with both thumbs and sees them again once."""

    def __init__(self, engine: Engine, shelf: Path) -> None:
        self._configuration = ExtractionConfiguration(engine, threads=1)
        self._source = SyntheticFingers(shelf)

    def receive(self, person: TownPerson) -> Visit:
        """Enrolment with two impressions a thumb; then a visit: three tries with the better, three with the other."""
        enrolled = [self._enrol(person, position) for position in ENROLMENT_ORDER[:2]]
        (_, best), (_, second) = sorted(enrolled, key=lambda pair: pair[0], reverse=True)
        firsts: list[float] = []
        for number in range(1, TRIES_A_FINGER + 1):
            firsts.append(self._try(person, best, number))
            if decide(fuse_tries(firsts), fmr=_FMR):
                return Visit(person.skin.wear, number, False)
        seconds: list[float] = []
        for number in range(1, TRIES_A_FINGER + 1):
            seconds.append(self._try(person, second, number))
            if decide(fuse([fuse_tries(firsts), fuse_tries(seconds)]), fmr=_FMR):
                return Visit(person.skin.wear, None, True)
        return Visit(person.skin.wear, None, False)

    def _enrol(self, person: TownPerson, position: FingerPosition) -> tuple[float, Template]:
        one, other = (self._template(person, position, n) for n in range(_ENROLMENT_IMPRESSIONS))
        return compare(one, other), one if one.quality >= other.quality else other

    def _try(self, person: TownPerson, reference: Template, number: int) -> float:
        return compare(self._template(person, reference.position, _FIRST_VISIT_IMPRESSION + number), reference)

    def _template(self, person: TownPerson, position: FingerPosition, impression: int) -> Template:
        picture = self._source.everyday_picture(person.finger(position), impression)
        as_sent = np.asarray(picture // _GREY_STEP * (_GREY_STEP + 1), np.uint8)
        return extract(as_sent, dpi=500, position=position, configuration=self._configuration).template


def result_of(visits: list[Visit]) -> GroupResult:
    """The shares over those visits."""
    return GroupResult(
        people=len(visits),
        mean_wear=float(np.mean([v.wear for v in visits])),
        refused_at_first_try=float(np.mean([v.accepted_at_try != 1 for v in visits])),
        refused_after_three=float(np.mean([v.accepted_at_try is None for v in visits])),
        refused_after_second_finger=float(
            np.mean([v.accepted_at_try is None and not v.accepted_with_second for v in visits])
        ),
    )


def measure(engine: Engine, people: int) -> dict[str, GroupResult]:
    """All groups."""
    results = {}
    with tempfile.TemporaryDirectory(prefix="sw-worn-") as shelf:
        desk = Desk(engine, Path(shelf))
        for group in WorkGroup:
            _say(f"{engine.value}: {group.value}")
            results[group.value] = result_of([desk.receive(person) for person in people_of(group, people)])
    return results


def main() -> int:
    """Measure, print and write; 0 when it was measured."""
    parser = argparse.ArgumentParser(prog="./run bench worn_fingers", description=__doc__)
    parser.add_argument("--people", type=int, default=20, help="of each group")
    parser.add_argument("--engine", choices=[e.value for e in Engine], default=Engine.CLASSICAL.value)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    engine = Engine(arguments.engine)
    if engine is Engine.LEADER and ensure_model(models_folder()) is None:
        _say("no model of LEADER can be made")
        return 2
    results = measure(engine, arguments.people)
    print("| group | people | mean wear | refused at first try | after three tries | after the second finger |")
    print("|---|---|---|---|---|---|")
    for name, row in results.items():
        shares = (row.refused_at_first_try, row.refused_after_three, row.refused_after_second_finger)
        shown = " | ".join(f"{100 * share:.0f} %" for share in shares)
        print(f"| {name} | {row.people} | {row.mean_wear:.2f} | {shown} |")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps({k: asdict(v) for k, v in results.items()}, indent=1) + "\n")
    return 0


def _say(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
