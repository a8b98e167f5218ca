"""Fingers: one against many: hits, errors, speed, size.   --people N [--images DIR …] [--json FILE]"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmarks.identification_probes import Material, gather, gather_town
from benchmarks.identification_rates import measure_search, measure_speed
from benchmarks.mosaics import mosaic_people, points_of
from biometrics.engine import Engine
from biometrics.index.segment import MAX_SLOTS
from biometrics.index.store import FingerIndex, read_index
from biometrics.index.warming import warm_up_index

#: Segments put at a time.
_SEGMENTS_AT_ONCE = 3
#: Crowds on the way to the size asked for, at which the speed of searching is measured as well.
_SIZES_ON_THE_WAY = (10_000, 100_000, 1_000_000)
_SINGLES = 20
_REMOVED_AT_ONCE = 500
#: By people enrolled, then by fingers searched with.
Speeds = dict[str, dict[str, dict[str, float]]]
_KEY = bytes(32)
_GALLERY_SEED, _SINGLES_SEED = 1, 2


def _say(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of this processor."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def fill(index: FingerIndex, material: Material, people: int, fingers: int) -> tuple[dict[str, float], Speeds]:
    """The crowd enrolled; how fast, counted in processor time. And how fast it is searched at each size on the way."""
    prints = [points_of(template) for template in material.crowd]
    crowd = mosaic_people(prints, people, fingers, _GALLERY_SEED)
    wall_s, processor_s, done, speeds = 0.0, 0.0, 0, Speeds()
    for size in (*(size for size in _SIZES_ON_THE_WAY if size < people), people):
        while batch := list(islice(crowd, min(size - done, _SEGMENTS_AT_ONCE * MAX_SLOTS // fingers))):
            wall, processor = _timed(lambda batch=batch: index.put(batch))  # type: ignore[misc]
            wall_s, processor_s, done = wall_s + wall, processor_s + processor, done + len(batch)
            _say(f"enrolled {done} of {people} people")
        speeds[f"{size}"] = {
            f"{count}_finger{'s' * (count > 1)}": measure_speed(index.snapshot, material, count)
            for count in _probes(fingers)
        }
    merge_s, _ = _timed(index.merge_all)
    rates = {
        "bulk_fingers_per_s_one_core": fingers * people / processor_s,
        "bulk_fingers_per_s_as_it_ran": fingers * people / wall_s,
        "merge_all_s": merge_s,
    }
    return rates, speeds


def _probes(fingers: int) -> range:
    """How many fingers are searched with: one, and two where people have two."""
    return range(1, 1 + min(2, fingers))


def change(index: FingerIndex, material: Material, fingers: int) -> dict[str, dict[str, float]]:
    """One person at a time, as desks register them, and many at once; every change is synced to the disk."""
    prints = [points_of(template) for template in material.crowd]
    newcomers = list(mosaic_people(prints, _SINGLES, fingers, _SINGLES_SEED, "newcomer"))
    put_ms = [1000 * _timed(lambda person=person: index.put([person]))[0] for person in newcomers]  # type: ignore[misc]
    remove_ms = [1000 * _timed(lambda person=person: index.remove([person.subject]))[0] for person in newcomers]  # type: ignore[misc]
    leaving = index.snapshot.subjects()[:: max(1, index.snapshot.people // _REMOVED_AT_ONCE)][:_REMOVED_AT_ONCE]
    wall_s, _ = _timed(lambda: index.remove(leaving))
    return {
        "append": {"one_person_ms_median": statistics.median(put_ms), "one_person_ms_worst": max(put_ms)},
        "delete": {
            "one_person_ms_median": statistics.median(remove_ms),
            "one_person_ms_worst": max(remove_ms),
            "people_per_s_at_once": len(leaving) / wall_s,
        },
    }


def _material(arguments: argparse.Namespace) -> Material:
    if not arguments.images:
        _say("no --images: the fingers are those of an invented town, drawn without pictures")
        return gather_town()
    return gather(arguments.images, Engine(arguments.engine), arguments.first_half, arguments.cache, _say)


def measure(arguments: argparse.Namespace, directory: Path) -> dict[str, object]:
    """All figures of one size."""
    material = _material(arguments)
    # So that nothing measured compiles or loads.
    warm_up_index(material.people[0].fingers[0])
    index = FingerIndex(directory, _KEY)
    append, speeds = fill(index, material, arguments.people, arguments.fingers)
    figures: dict[str, object] = {}
    for count in _probes(arguments.fingers):
        _say(f"searching with {count} of a person's fingers")
        figures[f"{('one', 'two')[count - 1]}_finger{'s' * (count > 1)}"] = measure_search(
            index.snapshot, material.with_fingers(arguments.fingers), count, arguments.searches, _say
        )
    size = sum(file.stat().st_size for file in directory.iterdir())
    segments = len(index.snapshot.parts)
    memory = sum(part.segment.size_bytes for part in index.snapshot.parts)
    _say("changing it")
    changes = change(index, material, arguments.fingers)
    index.close()
    # Before it is opened beside what was built, which no one but this benchmark does.
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    del index
    wall_s, open_s = _timed(lambda: read_index(directory, _KEY))
    slots = arguments.people * arguments.fingers
    return {
        "people": arguments.people,
        "fingers_per_person": arguments.fingers,
        "fingers_of": [folder.name for folder in arguments.images] or "an invented town, without pictures",
        "engine": arguments.engine if arguments.images else None,
        "searched_for": "first half" if arguments.first_half else "second half",
        "segments": segments,
        **figures,
        "speed_by_people": speeds,
        "memory_bytes_per_finger": memory / slots,
        "memory_bytes": memory,
        "process_peak_bytes": peak,
        "index_bytes_on_disk": size,
        "open_s": open_s,
        "open_s_as_it_ran": wall_s,
        "append": append | changes["append"],
        "delete": changes["delete"],
    }


def _print(report: dict[str, object]) -> None:
    for name in ("one_finger", "two_fingers"):
        row = report.get(name)
        if not isinstance(row, dict):
            continue
        best = "  ".join(f"{share} {100 * value:.2f}" for share, value in row["mates_in_best"].items())
        print(f"{name:12} {row['trials']} searches for a mate: in the best {best}   rank 1 {100 * row['rank_1']:.2f} %")
        print(
            f"{'':12} {row['templates_per_second_per_core'] / 1e6:.1f} M fingers/s on one core, shortlist "
            f"{row['shortlist_ms']:.1f} ms, whole search {row['search_ms']:.0f} ms (of one processor)"
        )
        for point in row["fpir_fnir"]:
            print(f"{'':12} FPIR {100 * point['fpir']:6.2f} %   FNIR {100 * point['fnir']:6.2f} %   {point['at']}")
    print(json.dumps({key: value for key, value in report.items() if not isinstance(value, dict)}))
    print(json.dumps(report["speed_by_people"]))
    print(json.dumps({key: report[key] for key in ("append", "delete")}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench identify", description=__doc__)
    parser.add_argument("--people", type=int, required=True, metavar="N")
    parser.add_argument("--images", action="append", type=Path, default=[], metavar="DIR")
    parser.add_argument("--fingers", type=int, default=2, choices=(1, 2, 3, 4), help="of each person of the crowd")
    parser.add_argument("--engine", choices=[engine.value for engine in Engine], default=Engine.CLASSICAL.value)
    parser.add_argument("--first-half", action="store_true", help="search for the half of the fingers tuned on")
    parser.add_argument("--searches", type=int, default=1000, help="most whole searches, with one to one comparison")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keeps extracted templates between runs")
    parser.add_argument("--index", type=Path, metavar="DIR", help="an empty folder for the index; default: a new one")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def main() -> int:
    """Measure, print and write; 0 when it was measured."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="sw-identify-") as scratch:
        report = measure(arguments, arguments.index or Path(scratch))
    _print(report)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
