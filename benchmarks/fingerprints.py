"""Fingers: error rates on folders of pictures, time and size.   --images DIR [--images DIR …] [--degrade zfm]"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.det_picture import draw_det
from benchmarks.fingerprint_sets import Degradation, FolderUnusable, Impression, find_impressions, ignored_files
from benchmarks.verification_rates import Comparisons, DetCurve, Scores, intervals_of, rates_of
from biometrics.engine import Engine
from biometrics.errors import ImageRefused
from biometrics.extraction.pipeline import ExtractionConfiguration, extract
from biometrics.iso19794 import encode_record
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.matcher import PreparedTemplate, compare_prepared, prepare
from biometrics.template import Template
from biometrics.thresholds import FMR, threshold_for
from domain.fingers import FingerPosition

#: Held out of every tuning of extractor and matcher (--fingers 109 110 measures them alone).
HELD_OUT = ("109", "110")
_TRIES = 3
_WORST_SHARE = 0.2
_LEAST_MINUTIAE = 4
_PROGRESS_EVERY = 20
_PAIRS_EVERY = 500
_NAMED_AT_MOST = 5
_DET_PICTURE = Path("out/det.png")
_COSTS = ("extract_ms_median", "match_us_median", "template_bytes_mean")
_UNREADABLE = Template(1, 1, 500, FingerPosition.UNKNOWN, 0, ())


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One picture after extraction."""

    impression: Impression
    template: Template
    extract_ms: float


@dataclass(frozen=True, slots=True)
class Results:
    """What comparing one set gave."""

    comparisons: Comparisons
    quality: Scores
    """Per genuine comparison, the lower quality of its two impressions."""
    two_fingers: tuple[Scores, Scores]
    best_of_tries: tuple[Scores, Scores]
    match_us: list[float]


def enrol(impression: Impression, degradation: Degradation, engine: Engine) -> Enrolled:
    """The template of a picture and the processor time it took: what one undisturbed core needs.

    A file that cannot be read as a picture gives an empty template: it is a failure to enrol, as a blank one is.
    """
    try:
        image, dpi = impression.load(degradation)
    except ImageRefused as reason:
        _say(f"{impression.path.name}: {reason}")
        return Enrolled(impression, _UNREADABLE, 0.0)
    started = time.process_time()
    configuration = ExtractionConfiguration(engine, threads=1)
    extraction = extract(image, dpi=dpi, position=FingerPosition.UNKNOWN, configuration=configuration)
    return Enrolled(impression, extraction.template, 1000 * (time.process_time() - started))


def _enrol(job: tuple[Impression, Degradation, Engine]) -> Enrolled:
    return enrol(*job)


def enrol_all(
    impressions: Sequence[Impression], degradation: Degradation, engine: Engine, say: Callable[[str], None]
) -> list[Enrolled]:
    """All templates, one process a core."""
    enrolled: list[Enrolled] = []
    with ProcessPoolExecutor(os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)) as workers:
        for each in workers.map(_enrol, [(i, degradation, engine) for i in impressions], chunksize=4):
            enrolled.append(each)
            if len(enrolled) % _PROGRESS_EVERY == 0:
                say(f"extracted {len(enrolled)} of {len(impressions)}")
    return enrolled


def compare_set(enrolled: Sequence[Enrolled], say: Callable[[str], None]) -> Results:
    """Genuine: all pairs of a finger's impressions. Impostor: every impression against those of every later finger."""
    fingers = sorted({each.impression.finger for each in enrolled})
    tables = [[e for e in enrolled if e.impression.finger == finger] for finger in fingers]
    prepared = [[prepare(e.template) for e in table] for table in tables]
    match_us: list[float] = []

    def score(one: PreparedTemplate, other: PreparedTemplate) -> float:
        started = time.process_time()
        value = compare_prepared(one, other)
        match_us.append(1e6 * (time.process_time() - started))
        return value

    genuine = [_genuine_table(row, score) for row in prepared]
    impostor: dict[tuple[int, int], Scores] = {}
    for f, g in itertools.combinations(range(len(fingers)), 2):
        impostor[f, g] = np.array([[score(a, b) for b in prepared[g]] for a in prepared[f]])
        if len(impostor) % _PAIRS_EVERY == 0:
            say(f"compared {len(impostor)} of {len(fingers) * (len(fingers) - 1) // 2} pairs of fingers")
    quality = [
        min(tables[f][i].template.quality, tables[f][j].template.quality)
        for f in range(len(fingers))
        for i, j in itertools.combinations(range(len(tables[f])), 2)
    ]
    return Results(
        _comparisons(genuine, impostor),
        np.array(quality, dtype=np.float64),
        _two_fingers(genuine, impostor),
        _best_of_tries(genuine, impostor),
        match_us,
    )


def _genuine_table(row: Sequence[PreparedTemplate], score: Callable[..., float]) -> Scores:
    """Scores of each impression (row) against each other one (column); the diagonal is not a comparison."""
    table = np.full((len(row), len(row)), np.nan)
    for i, j in itertools.combinations(range(len(row)), 2):
        table[i, j] = table[j, i] = score(row[i], row[j])
    return table


def _upper(table: Scores) -> Scores:
    return table[np.triu_indices_from(table, 1)]


def _comparisons(genuine: Sequence[Scores], impostor: Mapping[tuple[int, int], Scores]) -> Comparisons:
    return Comparisons(
        np.concatenate([_upper(table) for table in genuine] or [np.empty(0)]),
        np.concatenate([np.full(_upper(table).size, f) for f, table in enumerate(genuine)] or [np.empty(0, int)]),
        np.concatenate([table.ravel() for table in impostor.values()] or [np.empty(0)]),
        np.concatenate([np.full((t.size, 2), pair) for pair, t in impostor.items()] or [np.empty((0, 2), int)]),
    )


def _two_fingers(genuine: Sequence[Scores], impostor: Mapping[tuple[int, int], Scores]) -> tuple[Scores, Scores]:
    """People made up of two neighbouring fingers; scores of both are summed."""
    people = [(f, f + 1) for f in range(0, len(genuine) - 1, 2)]
    mates = [
        _upper(genuine[a])[: _upper(genuine[b]).size] + _upper(genuine[b])[: _upper(genuine[a]).size] for a, b in people
    ]
    strangers = []
    for (a, b), (c, d) in itertools.combinations(people, 2):
        one, two = impostor[a, c].ravel(), impostor[b, d].ravel()
        strangers.append(one[: two.size] + two[: one.size])
    return _joined(mates), _joined(strangers)


def _best_of_tries(genuine: Sequence[Scores], impostor: Mapping[tuple[int, int], Scores]) -> tuple[Scores, Scores]:
    """The first impression is enrolled; three others in a row try."""
    mates = [_best_in_rows(table[0, 1:]) for table in genuine]
    strangers = [_best_in_rows(row) for table in impostor.values() for row in table[:1]]
    return _joined(mates), _joined(strangers)


def _best_in_rows(tries: Scores) -> Scores:
    whole = tries.size // _TRIES * _TRIES
    best: Scores = tries[:whole].reshape(-1, _TRIES).max(axis=1)
    return best


def _joined(parts: Sequence[Scores]) -> Scores:
    return np.concatenate([*parts, np.empty(0)])


def describe(results: Sequence[Results], enrolled: Sequence[Enrolled]) -> dict[str, object]:
    """The figures of one set, or of several at one threshold."""
    comparisons = Comparisons.pooled([each.comparisons for each in results])
    quality = np.concatenate([each.quality for each in results])
    kept = comparisons.genuine[quality >= np.quantile(quality, _WORST_SHARE)] if quality.size else quality
    minutiae = [len(e.template.minutiae) for e in enrolled]
    return {
        **rates_of(comparisons.genuine, comparisons.impostor),
        "intervals_95": dict(intervals_of(comparisons)),
        "genuine": comparisons.genuine.size,
        "impostor": comparisons.impostor.size,
        "failure_to_enrol": float(np.mean([count < _LEAST_MINUTIAE for count in minutiae])),
        "at_shipped_thresholds": _shipped(comparisons),
        "two_fingers_summed": rates_of(*_pooled_pair([each.two_fingers for each in results])),
        "best_of_three": rates_of(*_pooled_pair([each.best_of_tries for each in results])),
        "without_worst_fifth": rates_of(kept, comparisons.impostor),
        "extract_ms_median": float(np.median([e.extract_ms for e in enrolled if e.extract_ms] or [0.0])),
        "match_us_median": float(np.median([us for each in results for us in each.match_us] or [0.0])),
        "template_bytes_mean": float(np.mean([len(encode_record([e.template])) for e in enrolled])),
        "minutiae_mean": float(np.mean(minutiae)),
    }


def _shipped(comparisons: Comparisons) -> dict[str, dict[str, float]]:
    """What the thresholds that the product decides by give on these pictures."""
    return {
        fmr.name: {
            "threshold": threshold_for(fmr),
            "fnmr": float((comparisons.genuine < threshold_for(fmr)).sum() / max(1, comparisons.genuine.size)),
            "fmr": float((comparisons.impostor >= threshold_for(fmr)).sum() / max(1, comparisons.impostor.size)),
        }
        for fmr in FMR
    }


def _pooled_pair(pairs: Sequence[tuple[Scores, Scores]]) -> tuple[Scores, Scores]:
    return _joined([genuine for genuine, _ in pairs]), _joined([impostor for _, impostor in pairs])


def print_table(report: Mapping[str, Mapping[str, object]]) -> None:
    """One line per set, rates in per cent."""
    print(f"{'':16}{'genuine':>8}{'impostor':>9}{'EER':>7}{'1e-2':>7}{'1e-3':>7}{'1e-4':>7}{'zero':>7}"
          f"{'2 fing.':>9}{'3 tries':>9}{'-20 %':>7}{'ms':>6}{'µs':>6}{'bytes':>7}")  # fmt: skip
    for name, row in report.items():
        rates = [row["eer"], *(row[f"fnmr_at_fmr_1e-{n}"] for n in (2, 3, 4)), row["fnmr_at_zero_fmr"]]
        more = [row[key] for key in ("two_fingers_summed", "best_of_three", "without_worst_fifth")]
        at_one_in_1000 = [part["fnmr_at_fmr_1e-3"] for part in more if isinstance(part, dict)]
        print(
            f"{name:16}{row['genuine']:>8}{row['impostor']:>9}"
            + "".join(f"{100 * float(str(rate)):7.2f}" for rate in rates)
            + "".join(f"{100 * rate:{width}.2f}" for rate, width in zip(at_one_in_1000, (9, 9, 7), strict=True))
            + f"{row['extract_ms_median']:6.0f}{row['match_us_median']:6.0f}{row['template_bytes_mean']:7.0f}"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench fingerprints", description=__doc__)
    parser.add_argument("--images", action="append", type=Path, required=True, metavar="DIR")
    parser.add_argument("--degrade", choices=[d.value for d in Degradation], default=Degradation.NONE.value)
    parser.add_argument("--engine", choices=[e.value for e in Engine], help="else leader where its model can be had")
    parser.add_argument("--fingers", nargs="*", help="only these fingers, as in 109 110")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument(
        "--det", type=Path, default=_DET_PICTURE, metavar="FILE.png", help="where to draw the DET curves"
    )
    return parser.parse_args()


def main() -> int:
    """Measure, print and write; 0 when it was measured, 2 when it cannot be."""
    arguments = _arguments()
    model = ensure_model(models_folder())
    if arguments.engine == Engine.LEADER.value and model is None:
        _say("no model of LEADER can be made: is the package pyfing installed?")
        return 2
    engine = Engine(arguments.engine or (Engine.LEADER if model else Engine.CLASSICAL))
    _say(f"engine {engine.value}")
    try:
        return _measure(arguments, engine)
    except FolderUnusable as reason:
        _say(str(reason))
        return 2


def _measure(arguments: argparse.Namespace, engine: Engine) -> int:
    degradation = Degradation(arguments.degrade)
    sets = {
        name: enrol_all(impressions, degradation, engine, partial(_say_of, name))
        for name, impressions in _sets(arguments).items()
    }
    results = {name: compare_set(enrolled, partial(_say_of, name)) for name, enrolled in sets.items()}
    report = {name: describe([results[name]], sets[name]) for name in sets}
    pooled = describe(list(results.values()), [e for enrolled in sets.values() for e in enrolled])
    print_table({**report, "pooled": pooled})
    costs = {key: pooled[key] for key in _COSTS}
    _write(arguments, {"pooled": pooled, "sets": report, **costs, "engine": engine.value,
                       "degrade": degradation.value, "fingers": arguments.fingers or "all"})  # fmt: skip
    _draw(results, arguments.det)
    return 0


def _draw(results: Mapping[str, Results], target: Path) -> None:
    compared = {name: each.comparisons for name, each in results.items()}
    if len(compared) > 1:
        compared["pooled"] = Comparisons.pooled(list(compared.values()))
    draw_det({name: DetCurve.of(each.genuine, each.impostor) for name, each in compared.items()}, target)
    _say(f"DET curves: {target}")


def _sets(arguments: argparse.Namespace) -> dict[str, list[Impression]]:
    """The pictures by set; folders of one name are told apart by a number. Says what is left out."""
    fingers = frozenset(arguments.fingers) if arguments.fingers else None
    sets: dict[str, list[Impression]] = {}
    for folder in (each.resolve() for each in arguments.images):
        impressions = list(find_impressions(folder, fingers))
        if not impressions:
            raise FolderUnusable(f"{folder} holds no picture named <finger>_<impression>.png")
        ignored = ignored_files(folder)
        if ignored:
            _say(f"{folder.name}: left out {len(ignored)} files: {', '.join(ignored[:_NAMED_AT_MOST])}")
        name = folder.name
        while name in sets:
            name = f"{folder.name}-{len(sets) + 1}"
        sets[name] = impressions
    return sets


def _say_of(name: str, text: str) -> None:
    _say(f"{name}: {text}")


def _write(arguments: argparse.Namespace, report: Mapping[str, object]) -> None:
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
