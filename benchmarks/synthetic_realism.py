"""Synthetic and real fingers side by side: errors, scores, minutiae.   --images DIR … [--fingers N] [--json FILE]"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.fingerprint_sets import Degradation, FolderUnusable
from benchmarks.mated_minutiae import mated_statistics
from benchmarks.measured_fingers import DrawnSkin, MeasuredFingers, say, sitters
from benchmarks.minutia_statistics import Fingers, minutia_statistics
from benchmarks.template_cache import TemplateCache
from benchmarks.verification_rates import Scores, rates_of, upper_bound
from biometrics.engine import Engine
from biometrics.errors import ImageRefused
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.matcher import compare_prepared, prepare
from biometrics.thresholds import FMR, threshold_for
from hardware_sim.fingers.synthetic import SyntheticFingers

_MOST_IMPOSTORS = 60_000
_GENUINE_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75)
_IMPOSTOR_QUANTILES = (0.5, 0.9, 0.99, 0.999, 1.0)
_WITHOUT_PICTURES = {DrawnSkin.TOWN: "town, without pictures", DrawnSkin.STUDENTS: "town, unworn, without pictures"}


def compare_all(fingers: Fingers, most_impostors: int = _MOST_IMPOSTORS) -> tuple[Scores, Scores]:
    """Genuine: all pairs of a finger's impressions; impostor: pairs of two fingers, every n-th where they are many."""
    prepared = [[prepare(seen.template) for seen in row] for row in fingers]
    genuine = [compare_prepared(a, b) for row in prepared for a, b in itertools.combinations(row, 2)]
    pairs = [(a, b) for one, two in itertools.combinations(prepared, 2) for a in one for b in two]
    step = _coprime(math.ceil(len(pairs) / most_impostors), max(len(row) for row in prepared))
    return np.array(genuine), np.array([compare_prepared(a, b) for a, b in pairs[::step]])


def _coprime(step: int, impressions: int) -> int:
    """At least the step, and such that every pair of fingers is met with other impressions."""
    while math.gcd(step, impressions) > 1:
        step += 1
    return step


def describe(fingers: Fingers) -> dict[str, object]:
    """All figures of one set."""
    genuine, impostor = compare_all(fingers)
    return {
        **rates_of(genuine, impostor),
        "genuine": genuine.size,
        "impostor": impostor.size,
        "genuine_quantiles": _quantiles(genuine, _GENUINE_QUANTILES),
        "impostor_quantiles": _quantiles(impostor, _IMPOSTOR_QUANTILES),
        "shipped": {str(fmr.value): _at_shipped(genuine, impostor, fmr) for fmr in FMR},
        "minutiae": asdict(minutia_statistics(fingers)),
        "mates": asdict(mated_statistics(fingers)),
        "foreground_share": float(np.mean([seen.foreground_share for row in fingers for seen in row])),
    }


def _at_shipped(genuine: Scores, impostor: Scores, fmr: FMR) -> dict[str, float]:
    """What the shipped threshold for that rate does here; the bound is exceeded once in twenty such runs."""
    threshold = threshold_for(fmr)
    matched = int((impostor >= threshold).sum())
    return {
        "fnmr": float((genuine < threshold).mean()),
        "fmr": matched / impostor.size,
        "matched": matched,
        "fmr_at_most": upper_bound(matched, impostor.size),
    }


def _quantiles(scores: Scores, shares: tuple[float, ...]) -> dict[str, float]:
    return {str(share): float(np.quantile(scores, share)) for share in shares}


def tables(report: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Markdown, rates in per cent: the scores of every set and engine, the shipped thresholds, the minutiae."""
    lines: list[str] = []
    for heads, line in ((_SCORES, _scores_line), (_MINUTIAE, _minutiae_line)):
        lines += ["", "| engine | set | " + " | ".join(heads) + " |", "|" + "---|" * (2 + len(heads))]
        for engine, sets in report.items():
            lines += [f"| {engine} | {name} | {' | '.join(line(figures))} |" for name, figures in sets.items()]
    return lines[1:]


_SCORES = (
    "genuine / impostor", "EER", "FNMR at FMR 1, 0.1, 0.01 %", "genuine 1, 5, 25, 50, 75 %",
    "impostor 50, 90, 99, 99.9 %", "matched at the threshold for 0.1, 0.01 %", "FMR at most",
)  # fmt: skip
_MINUTIAE = (
    "minutiae", "per cm²", "endings", "nearest px (10, 50, 90 %)", "evenness", "opposite", "along",
    "found again", "out of place px", "out of way °", "overlap", "same type",
)  # fmt: skip


def _scores_line(figures: Mapping[str, Any]) -> list[str]:
    shipped = [figures["shipped"][str(fmr.value)] for fmr in (FMR.ONE_IN_1_000, FMR.ONE_IN_10_000)]
    return [
        f"{figures['genuine']} / {figures['impostor']}",
        f"{100 * figures['eer']:.2f}",
        _joined((100 * figures[f"fnmr_at_fmr_1e{power}"] for power in (-2, -3, -4)), 2),
        _joined(figures["genuine_quantiles"].values(), 1),
        _joined(list(figures["impostor_quantiles"].values())[:-1], 2),
        _joined((each["matched"] for each in shipped), 0),
        _joined((100 * each["fmr_at_most"] for each in shipped), 3),
    ]


def _minutiae_line(figures: Mapping[str, Any]) -> list[str]:
    minutiae, mates = figures["minutiae"], figures["mates"]
    return [
        f"{minutiae['count']:.1f} ± {minutiae['count_spread']:.1f}",
        f"{minutiae['per_cm2']:.1f}",
        f"{100 * minutiae['ending_share']:.0f} %",
        _joined(minutiae["apart_px"], 0),
        f"{minutiae['evenness']:.2f}",
        f"{100 * minutiae['opposite_share']:.0f} %",
        f"{minutiae['along']:.2f}",
        f"{100 * mates['found_again']:.0f} %",
        f"{mates['out_of_place_px']:.1f}",
        f"{np.degrees(mates['out_of_way_rad']):.1f}",
        f"{100 * mates['overlap']:.0f} %",
        f"{100 * mates['same_kind']:.0f} %",
    ]


def _joined(values: Iterable[float], digits: int) -> str:
    return ", ".join(f"{value:.{digits}f}" for value in values)


def measure(arguments: argparse.Namespace) -> dict[str, dict[str, dict[str, Any]]]:
    """Figures by engine and set; LEADER only where its model can be had."""
    source = MeasuredFingers(TemplateCache(arguments.cache, arguments.frozen), arguments.impressions)
    report: dict[str, dict[str, dict[str, Any]]] = {}
    for engine in Engine if ensure_model(models_folder()) else (Engine.CLASSICAL,):
        sets = report.setdefault(engine.value, {})
        for folder in arguments.images:
            sets[folder.name] = describe(source.real(folder.resolve(), Degradation.ZFM, engine))
        for skin in DrawnSkin:
            sets[skin.value] = describe(source.drawn(arguments.fingers, skin, engine))
        for skin, name in _WITHOUT_PICTURES.items():
            sets[name] = describe(source.town(arguments.fingers, skin, engine))
        say(f"{engine.value}: compared")
    return report


def draw_sheet(path: Path, fingers: int = 6, impressions: int = 3) -> None:
    """A contact sheet: each column a finger, each row an impression."""
    with tempfile.TemporaryDirectory(prefix="sw-realism-") as shelf:
        source = SyntheticFingers(Path(shelf))
        columns = [
            np.vstack([source.everyday_picture(person.finger(position), n) for n in range(impressions)])
            for person, position in sitters(fingers, DrawnSkin.TOWN)
        ]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.hstack(columns))


def main() -> int:
    """Measure, print and write; 0 when it was measured, 2 when it cannot be."""
    parser = argparse.ArgumentParser(prog="./run bench synthetic_realism", description=__doc__)
    parser.add_argument("--images", action="append", type=Path, default=[], metavar="DIR")
    parser.add_argument("--fingers", type=int, default=40, help="synthetic fingers, one each of so many people")
    parser.add_argument("--impressions", type=int, default=4)
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="keeps templates, so that a new matcher is soon measured"
    )
    parser.add_argument("--frozen", action="store_true", help="believes the kept templates though sources have changed")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="draws a contact sheet of synthetic impressions")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.sheet:
        draw_sheet(arguments.sheet)
    try:
        report = measure(arguments)
    except (FolderUnusable, ImageRefused) as reason:
        say(str(reason))
        return 2
    print("\n".join(tables(report)))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
