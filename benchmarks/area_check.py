"""A desk's own check: time for a family, and what following costs.   --images DIR --images DIR [… --json FILE]"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from benchmarks.area_registry import SampleRegistry, registered_crowd
from benchmarks.identification_probes import Material, ProbePerson, gather
from benchmarks.mosaics import mosaic_people, points_of
from biometrics.engine import Engine
from biometrics.index.packed_template import unpack
from biometrics.iso19794 import encode_record
from domain.ids import PersonId
from kiosk.area_gallery import AreaGallery, Findings
from kiosk.devices.failure import DeviceName
from kiosk.devices.remote_gallery import RemoteGallery
from kiosk.devices.worker import Worker, WorkerPlan
from kiosk.flows.workplace import Patience
from kiosk.gallery_following import GalleryFollowing

Result = TypeVar("Result")

_FAMILY = 5
#: Enrolled, and searched for with other impressions.
_KNOWN = 5
_NEW_SEED = 3
#: How often the event loop is asked whether it is free.
_TICK_S = 0.005
#: What the machine alone holds up, with nothing to do.
_IDLE_S = 20.0


def _say(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Pulse:
    """The longest time for which the event loop answered nobody."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def beat(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            self.longest_s = max(self.longest_s, time.perf_counter() - before - _TICK_S)

    async def during(self, work: Awaitable[Result]) -> tuple[Result, float, float]:
        """The work's result, its seconds, and the longest gap meanwhile."""
        self.longest_s = 0.0
        beat = asyncio.create_task(self.beat())
        began = time.perf_counter()
        try:
            done = await work
        finally:
            taken_s = time.perf_counter() - began
            beat.cancel()
        return done, taken_s, self.longest_s


def known_people(material: Material, count: int) -> list[ProbePerson]:
    """Some of the first set are registered; they come back with other impressions."""
    first_set = [person for person in material.people if _set_of(person) == _set_of(material.people[0])]
    return first_set[:: max(1, len(first_set) // count)][:count]


def families(material: Material, fingers: int, count: int) -> list[dict[PersonId, list[bytes]]]:
    """Families of five whom nobody knows: no print of theirs is in anybody of the area."""
    others = [person for person in material.people if _set_of(person) != _set_of(material.people[0])]
    prints = [points_of(finger) for person in others for finger in person.fingers]
    new = list(mosaic_people(prints, _FAMILY * count, fingers, _NEW_SEED, "new"))
    hands = [(person.subject, [encode_record([unpack(finger)]) for finger in person.fingers]) for person in new]
    return [
        {PersonId(subject): hand for subject, hand in hands[at : at + _FAMILY]} for at in range(0, len(hands), _FAMILY)
    ]


def _set_of(person: ProbePerson) -> str:
    return person.owner.partition("/")[0]


async def measure(arguments: argparse.Namespace, home: Path) -> dict[str, object]:
    """All figures of one desk."""
    material = gather(arguments.images, Engine(arguments.engine), False, arguments.cache, _say)
    _say("registering the crowd")
    known = known_people(material, _KNOWN)
    crowd = registered_crowd(material, arguments.people, arguments.fingers, known)
    worker = Worker(WorkerPlan(DeviceName.BIOMETRICS, "kiosk.devices.servants.biometrics_servant:make", {}))
    with SampleRegistry(home / "registry") as registry:
        registry.enrol(crowd)
        store, client = await registry.join(home / "desk")
        remote = RemoteGallery(worker)
        gallery = AreaGallery(store, home / "desk" / "area-gallery", remote)
        following = GalleryFollowing(store, client, gallery)
        figures: dict[str, object] = {"people": arguments.people, "fingers_per_person": arguments.fingers}
        _, _, idle_gap_s = await Pulse().during(asyncio.sleep(_IDLE_S))
        figures["longest_gap_while_idle_ms"] = 1000 * idle_gap_s
        _say("following the area")
        figures |= await _follow(following, gallery, home / "desk")
        _say("checking families")
        figures |= await _check(gallery, material, arguments)
        figures |= await _come_back(gallery, known, material)
        await remote.close()
        await client.close()
        store.close()
    worker.close()
    return figures


async def _follow(following: GalleryFollowing, gallery: AreaGallery, home: Path) -> dict[str, object]:
    is_followed, follow_s, gap_s = await Pulse().during(following.follow_now())
    assert is_followed, following.problem
    _, again_s, _ = await Pulse().during(following.follow_now())
    size = sum(file.stat().st_size for file in (home / "area-gallery").rglob("*") if file.is_file())
    return {
        "followed_people": gallery.book.people,
        "first_following_s": follow_s,
        "longest_gap_while_following_ms": 1000 * gap_s,
        "nothing_new_ms": 1000 * again_s,
        "gallery_bytes_on_disk": size,
        "store_bytes_on_disk": sum(file.stat().st_size for file in home.glob("kiosk.db*")),
    }


async def _check(gallery: AreaGallery, material: Material, arguments: argparse.Namespace) -> dict[str, object]:
    """Families whom nobody knows: what everybody waits for."""
    rows: list[tuple[Findings, float, float]] = []
    for family in families(material, arguments.fingers, arguments.families):
        budget_s = _FAMILY * Patience().local_check_s
        rows.append(await Pulse().during(gallery.search(family, budget_s=budget_s)))
    seconds = [taken_s for _, taken_s, _ in rows[1:] or rows]
    return {
        "families": len(rows),
        "family_of": _FAMILY,
        "budget_s": _FAMILY * Patience().local_check_s,
        "family_s_median": statistics.median(seconds),
        "family_s_worst": max(seconds),
        "not_whole": sum(findings.why is not None for findings, _, _ in rows),
        "families_held_up_for_nothing": sum(bool(findings.found) for findings, _, _ in rows),
        "longest_gap_while_checking_ms": 1000 * max(gap_s for _, _, gap_s in rows),
    }


async def _come_back(gallery: AreaGallery, known: list[ProbePerson], material: Material) -> dict[str, object]:
    """Other impressions of people who are registered: are they found?"""
    found = trials = 0
    owners = {person.owner for person in known}
    for person in material.people:
        if person.owner not in owners or person in known:
            continue
        hand = [encode_record([finger]) for finger in person.fingers]
        findings = await gallery.search({PersonId("again"): hand}, budget_s=2 * Patience().local_check_s)
        trials += 1
        found += any(each.who.person_id == person.owner for each in findings.found.get(PersonId("again"), ()))
    return {"come_back": trials, "come_back_found": found}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench area_check", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, metavar="N")
    parser.add_argument("--images", action="append", type=Path, required=True, metavar="DIR")
    parser.add_argument("--fingers", type=int, default=2, choices=(1, 2, 3, 4), help="of each person")
    parser.add_argument("--families", type=int, default=9, help="of five each that nobody knows")
    parser.add_argument("--engine", choices=[engine.value for engine in Engine], default=Engine.CLASSICAL.value)
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keeps extracted templates between runs")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def main() -> int:
    """Measure, print and write; 0 when it was measured."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="sw-area-") as scratch:
        figures = asyncio.run(measure(arguments, Path(scratch)))
    print(json.dumps(figures, indent=1))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
