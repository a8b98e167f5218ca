"""Pictures made worse on purpose, all ways side by side.   --images DIR … [--engine leader|classical] [--cache DIR]"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.fingerprint_sets import Degradation
from benchmarks.measured_fingers import MeasuredFingers, say
from benchmarks.synthetic_realism import compare_all
from benchmarks.template_cache import SeenFingers, TemplateCache
from benchmarks.verification_rates import Scores, rates_of
from biometrics.engine import Engine
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.thresholds import FMR, threshold_for


def pooled_scores(sets: Sequence[SeenFingers]) -> tuple[Scores, Scores]:
    """Genuine and impostor scores of all sets, judged by one threshold; fingers of two sets are not compared."""
    parts = [compare_all(fingers) for fingers in sets]
    return np.concatenate([genuine for genuine, _ in parts]), np.concatenate([impostor for _, impostor in parts])


def describe(sets: Sequence[SeenFingers]) -> dict[str, float]:
    """Rates as shares, those at the shipped threshold for FMR 0.1 % too, and how many minutiae there were."""
    genuine, impostor = pooled_scores(sets)
    threshold = threshold_for(FMR.ONE_IN_1_000)
    return {
        **rates_of(genuine, impostor),
        "fnmr_at_shipped_1e-3": float((genuine < threshold).mean()),
        "fmr_at_shipped_1e-3": float((impostor >= threshold).mean()),
        "genuine": genuine.size,
        "impostor": impostor.size,
        "minutiae": float(np.mean([len(seen.template.minutiae) for rows in sets for row in rows for seen in row])),
    }


def table(report: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Markdown, rates in per cent."""
    lines = ["| | EER | FNMR at FMR 1 % | 0.1 % | 0.01 % | at the shipped threshold for 0.1 %: FNMR, FMR | minutiae |"]
    lines.append("|" + "---|" * 7)
    for name, row in report.items():
        shown = [f"{100 * row[key]:.2f}" for key in ("eer", "fnmr_at_fmr_1e-2", "fnmr_at_fmr_1e-3", "fnmr_at_fmr_1e-4")]
        shown.append(f"{100 * row['fnmr_at_shipped_1e-3']:.2f}, {100 * row['fmr_at_shipped_1e-3']:.3f}")
        lines.append(f"| {name} | {' | '.join(shown)} | {row['minutiae']:.1f} |")
    return lines


def main() -> int:
    """Measure, print and write; 0 when it was measured, 2 when it cannot be."""
    parser = argparse.ArgumentParser(prog="./run bench stress_table", description=__doc__)
    parser.add_argument("--images", action="append", type=Path, required=True, metavar="DIR")
    parser.add_argument("--engine", choices=[e.value for e in Engine], default=Engine.LEADER.value)
    parser.add_argument("--degrade", nargs="+", choices=[d.value for d in Degradation], metavar="WAY")
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
    source = MeasuredFingers(TemplateCache(arguments.cache, arguments.frozen))
    report = {}
    for way in arguments.degrade or [each.value for each in Degradation]:
        sets = [source.real(folder.resolve(), Degradation(way), engine) for folder in arguments.images]
        report[way] = describe(sets)
        say(f"{engine.value}, {way}: EER {100 * report[way]['eer']:.2f} %")
    print("\n".join(table(report)))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
