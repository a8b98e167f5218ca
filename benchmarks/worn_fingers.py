"""Who is refused by finger, by work: first try, three tries, second finger.   [--people N a group] [--json FILE]"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

import cv2
import numpy as np

from benchmarks.measured_fingers import as_sent, read, say
from benchmarks.template_cache import SeenFingers, TemplateCache
from biometrics.engine import Engine
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.matcher import compare
from biometrics.template import Template
from biometrics.thresholds import FMR, decide, fuse, fuse_tries
from domain.fingers import ENROLMENT_ORDER
from domain.verification import TRIES_A_FINGER
from hardware_sim.fingers.finger import WINDOW_DPI
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.town.occupation import Occupation
from hardware_sim.town.person import TownPerson
from hardware_sim.town.town import Town

_TOWN_SEED, _TOWN_PEOPLE, _NEXT_PERSON = 5, 100_000, 7
_ENROLMENT_IMPRESSIONS = 2
_IMPRESSIONS = (0, 1, *range(11, 11 + TRIES_A_FINGER))
_DRAWN_BY = ("hardware_sim/fingers", "hardware_sim/town/skin_of_life.py", "benchmarks/worn_fingers.py")
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


def seen_of(group: WorkGroup, people: int, engine: Engine, cache: TemplateCache) -> SeenFingers:
    """Both thumbs of each of those people, one row each: two impressions for enrolment, three for the visit."""

    def make() -> SeenFingers:
        say(f"{engine.value}: {group.value}")
        with tempfile.TemporaryDirectory(prefix="sw-worn-") as shelf:
            source = SyntheticFingers(Path(shelf))
            thumbs = [person.finger(p) for person in people_of(group, people) for p in ENROLMENT_ORDER[:2]]
            return [
                [read(as_sent(source.everyday_picture(thumb, n)), WINDOW_DPI, engine) for n in _IMPRESSIONS]
                for thumb in thumbs
            ]

    return cache.get(f"worn-{group.name.lower()}-{people}", engine, make, drawn_by=_DRAWN_BY)


def receive(wear: float, thumbs: SeenFingers) -> Visit:
    """Enrolment with two impressions a thumb; then a visit: three tries with the better, three with the other."""
    rows = [[seen.template for seen in row] for row in thumbs]
    best, second = sorted(rows, key=lambda row: compare(row[0], row[1]), reverse=True)
    firsts: list[float] = []
    for number, score in enumerate(_tries(best), start=1):
        firsts.append(score)
        if decide(fuse_tries(firsts), fmr=_FMR):
            return Visit(wear, number, False)
    seconds: list[float] = []
    for score in _tries(second):
        seconds.append(score)
        if decide(fuse([fuse_tries(firsts), fuse_tries(seconds)]), fmr=_FMR):
            return Visit(wear, None, True)
    return Visit(wear, None, False)


def _tries(row: list[Template]) -> Iterator[float]:
    """Scores of the visit's impressions against the better of the two enrolled ones."""
    reference = max(row[:_ENROLMENT_IMPRESSIONS], key=lambda template: template.quality)
    for probe in row[_ENROLMENT_IMPRESSIONS:]:
        yield compare(probe, reference)


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


def measure(engine: Engine, people: int, cache: TemplateCache) -> dict[str, GroupResult]:
    """All groups."""
    results = {}
    for group in WorkGroup:
        thumbs = seen_of(group, people, engine, cache)
        wears = [person.skin.wear for person in people_of(group, people)]
        visits = [receive(wear, thumbs[2 * i : 2 * i + 2]) for i, wear in enumerate(wears)]
        results[group.value] = result_of(visits)
    return results


def main() -> int:
    """Measure, print and write; 0 when it was measured."""
    parser = argparse.ArgumentParser(prog="./run bench worn_fingers", description=__doc__)
    parser.add_argument("--people", type=int, default=20, help="of each group")
    parser.add_argument("--engine", choices=[e.value for e in Engine], default=Engine.CLASSICAL.value)
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="keeps templates, so that a new matcher is soon measured"
    )
    parser.add_argument("--frozen", action="store_true", help="believes the kept templates though sources have changed")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    engine = Engine(arguments.engine)
    if engine is Engine.LEADER and ensure_model(models_folder()) is None:
        say("no model of LEADER can be made")
        return 2
    results = measure(engine, arguments.people, TemplateCache(arguments.cache, arguments.frozen))
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


if __name__ == "__main__":
    sys.exit(main())
