"""Synthetic and real fingers side by side: errors, scores, minutiae.   --images DIR … [--fingers N] [--json FILE]"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.fingerprint_sets import Degradation, FolderUnusable, find_impressions
from benchmarks.minutia_statistics import Fingers, Seen, minutia_statistics
from benchmarks.verification_rates import Scores, rates_of
from biometrics.engine import Engine
from biometrics.errors import ImageRefused
from biometrics.extraction.pipeline import ExtractionConfiguration, extract
from biometrics.images import GreyImage
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.matcher import compare_prepared, prepare
from biometrics.thresholds import FMR, threshold_for
from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import Skin
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.town.person import TownPerson
from hardware_sim.town.town import Town

_SYNTHETIC, _UNWORN, _WITHOUT_PICTURES = "synthetic", "synthetic, unworn", "without pictures"
_TOWN_SEED, _ADULT_FROM, _NEXT_PERSON = 11, 18, 37
_GREY_STEP = 16
_GENUINE_QUANTILES = (0.01, 0.05, 0.25, 0.5)
_IMPOSTOR_QUANTILES = (0.5, 0.9, 0.99, 0.999, 1.0)


def read_real(folder: Path, engine: Engine) -> list[list[Seen]]:
    """The fingers of a folder, as a 256 x 288 window with 16 greys would see them."""
    fingers: dict[str, list[Seen]] = {}
    for impression in find_impressions(folder):
        image, dpi = impression.load(Degradation.ZFM)
        fingers.setdefault(impression.finger, []).append(_read(image, dpi, engine))
    return list(fingers.values())


def draw_synthetic(
    fingers: int, impressions: int, engine: Engine, shelf: Path, *, is_unworn: bool = False
) -> list[list[Seen]]:
    """Everyday impressions of one finger each of so many grown people of a town, every finger position in turn.

    ``is_unworn`` gives them the skin of students, as the real sets have it.
    """
    source = SyntheticFingers(shelf)
    drawn = []
    for person, position in _sitters(fingers):
        finger = person.finger(position)
        if is_unworn:
            finger = replace(finger, skin=Skin(finger.skin.ridge_period_px))
        pictures = [source.everyday_picture(finger, n) for n in range(impressions)]
        as_sent = [np.asarray(p // _GREY_STEP * (_GREY_STEP + 1), np.uint8) for p in pictures]
        drawn.append([_read(picture, 500, engine) for picture in as_sent])
    return drawn


def draw_without_pictures(fingers: int, impressions: int) -> list[list[Seen]]:
    """The same people's fingers as the town's templates."""
    town = Town(_TOWN_SEED, 100_000)
    return [
        [Seen(town.templates(person, (position,), n)[0], 0.8) for n in range(impressions)]
        for person, position in _sitters(fingers)
    ]


def _sitters(fingers: int) -> Iterator[tuple[TownPerson, FingerPosition]]:
    """Grown people from all over the town, each with a finger; thumb to little finger in turn."""
    town = Town(_TOWN_SEED, 100_000)
    grown = (p for n in itertools.count() if (p := town.person(n * _NEXT_PERSON)).age_years >= _ADULT_FROM)
    for number, person in enumerate(itertools.islice(grown, fingers)):
        yield person, person.fingers[number % len(person.fingers)]


def _read(image: GreyImage, dpi: int, engine: Engine) -> Seen:
    configuration = ExtractionConfiguration(engine, threads=1)
    found = extract(image, dpi=dpi, position=FingerPosition.UNKNOWN, configuration=configuration)
    return Seen(found.template, found.foreground_share)


def compare_all(fingers: Fingers) -> tuple[Scores, Scores]:
    """Genuine: all pairs of a finger's impressions; impostor: all pairs of impressions of two fingers."""
    prepared = [[prepare(seen.template) for seen in row] for row in fingers]
    genuine = [compare_prepared(a, b) for row in prepared for a, b in itertools.combinations(row, 2)]
    pairs = itertools.combinations(prepared, 2)
    return np.array(genuine), np.array([compare_prepared(a, b) for one, two in pairs for a in one for b in two])


def describe(fingers: Fingers) -> dict[str, object]:
    """All figures of one set."""
    genuine, impostor = compare_all(fingers)
    threshold = threshold_for(FMR.ONE_IN_1_000)
    return {
        **rates_of(genuine, impostor),
        "genuine": genuine.size,
        "impostor": impostor.size,
        "genuine_quantiles": _quantiles(genuine, _GENUINE_QUANTILES),
        "impostor_quantiles": _quantiles(impostor, _IMPOSTOR_QUANTILES),
        "fnmr_at_shipped_1e-3": float((genuine < threshold).mean()),
        "fmr_at_shipped_1e-3": float((impostor >= threshold).mean()),
        "minutiae": asdict(minutia_statistics(fingers)),
        "foreground_share": float(np.mean([seen.foreground_share for row in fingers for seen in row])),
    }


def _quantiles(scores: Scores, shares: tuple[float, ...]) -> dict[str, float]:
    return {str(share): float(np.quantile(scores, share)) for share in shares}


def table(report: Mapping[str, Mapping[str, Mapping[str, object]]]) -> list[str]:
    """Markdown: one line a set and engine, rates in per cent."""
    lines = [
        "| engine | set | genuine / impostor | EER | FNMR at FMR 0.1 % | genuine 5 %, 50 % "
        "| impostor 50, 90, 99, 99.9 % | minutiae | per cm² | endings | evenness "
        "| nearest px (10, 50, 90 %) | opposite |",
        "|" + "---|" * 13,
    ]
    for engine, sets in report.items():
        lines += [_line(engine, name, figures) for name, figures in sets.items()]
    return lines


def _line(engine: str, name: str, figures: Mapping[str, object]) -> str:
    minutiae, genuine, impostor = (figures[key] for key in ("minutiae", "genuine_quantiles", "impostor_quantiles"))
    if not (isinstance(minutiae, dict) and isinstance(genuine, dict) and isinstance(impostor, dict)):
        raise TypeError("these are no figures of a set")
    return (
        f"| {engine} | {name} | {figures['genuine']} / {figures['impostor']} | {100 * float(str(figures['eer'])):.2f} "
        f"| {100 * float(str(figures['fnmr_at_fmr_1e-3'])):.2f} | {genuine['0.05']:.1f}, {genuine['0.5']:.1f} "
        f"| {', '.join(f'{value:.2f}' for key, value in impostor.items() if key != '1.0')} "
        f"| {minutiae['count']:.1f} ± {minutiae['count_spread']:.1f} | {minutiae['per_cm2']:.1f} "
        f"| {100 * minutiae['ending_share']:.0f} % | {minutiae['evenness']:.2f} "
        f"| {', '.join(f'{value:.0f}' for value in minutiae['apart_px'])} | {100 * minutiae['opposite_share']:.0f} % |"
    )


def measure(arguments: argparse.Namespace) -> dict[str, dict[str, dict[str, object]]]:
    """Figures by engine and set; LEADER only where its model can be had."""
    model = ensure_model(models_folder())
    report: dict[str, dict[str, dict[str, object]]] = {}
    with tempfile.TemporaryDirectory(prefix="sw-realism-") as shelf:
        for engine in Engine if model else (Engine.CLASSICAL,):
            sets = report.setdefault(engine.value, {})
            for folder in arguments.images:
                _say(f"{engine.value}: {folder.name}")
                sets[folder.name] = describe(read_real(folder.resolve(), engine))
            for name in (_SYNTHETIC, _UNWORN):
                _say(f"{engine.value}: {name}")
                sets[name] = describe(
                    draw_synthetic(
                        arguments.fingers, arguments.impressions, engine, Path(shelf), is_unworn=name == _UNWORN
                    )
                )
        _say("the town's templates")
        report["none"] = {_WITHOUT_PICTURES: describe(draw_without_pictures(arguments.fingers, arguments.impressions))}
    return report


def draw_sheet(path: Path, fingers: int = 6, impressions: int = 3) -> None:
    """A contact sheet: each column a finger, each row an impression."""
    with tempfile.TemporaryDirectory(prefix="sw-realism-") as shelf:
        source = SyntheticFingers(Path(shelf))
        columns = [
            np.vstack([source.everyday_picture(person.finger(position), n) for n in range(impressions)])
            for person, position in _sitters(fingers)
        ]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.hstack(columns))


def main() -> int:
    """Measure, print and write; 0 when it was measured, 2 when it cannot be."""
    parser = argparse.ArgumentParser(prog="./run bench synthetic_realism", description=__doc__)
    parser.add_argument("--images", action="append", type=Path, default=[], metavar="DIR")
    parser.add_argument("--fingers", type=int, default=40, help="synthetic fingers, one each of so many people")
    parser.add_argument("--impressions", type=int, default=4)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="draws a contact sheet of synthetic impressions")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.sheet:
        draw_sheet(arguments.sheet)
    try:
        report = measure(arguments)
    except (FolderUnusable, ImageRefused) as reason:
        _say(str(reason))
        return 2
    print("\n".join(table(report)))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def _say(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
