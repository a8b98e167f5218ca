"""Fits the thresholds on pairs of different fingers, writes biometrics/calibration.py.   --images DIR … --cache DIR"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.impostor_scores import ImpostorScores, impostor_groups
from benchmarks.measured_fingers import MeasuredFingers, say
from benchmarks.template_cache import TemplateCache
from benchmarks.threshold_fit import Curve, fit, rate_at, score_at
from benchmarks.verification_rates import upper_bound
from biometrics.leader.model_file import ensure_model, models_folder

_TARGET = Path(__file__).parents[1] / "biometrics" / "calibration.py"
_RATES = (1e-2, 1e-3, 1e-4)
_BODY = '''"""Scores of the matcher on different fingers: what thresholds.py reads. Made by a benchmark, never by hand.

    python -m benchmarks.fingerprint_calibration --images DIR [--images DIR ...] --cache DIR

{pairs} impostor pairs, read by LEADER, by the classical engine, and one by each: {synthetic} of synthetic fingers
and {real} of real pictures, inside and across the sets {sets};
whole pictures and, again, 256 x 288 windows of 16 grey levels; pairs of one sensor apart from those of two.
Pairs share fingers and are not independent. Down to one in a thousand each of the {groups} groups has the scores whose
rate is, by the one-sided 95 % bound of what was counted, no higher than stated, and the table holds the highest.
Beyond, an exponential goes on from there, fitted to what in all groups lies above one in a thousand and made
flatter by the one-sided 95 % bound of its slope.
"""

from __future__ import annotations

#: (score, share of impostor pairs that reach it), scores rising.
IMPOSTOR_TAIL: tuple[tuple[float, float], ...] = (
{rows}
)
'''


def source_of(groups: Sequence[ImpostorScores], table: Curve, sets: Iterable[str]) -> str:
    """The text of biometrics/calibration.py."""
    return _BODY.format(
        pairs=sum(group.scores.size for group in groups),
        real=sum(group.scores.size for group in groups if group.is_real),
        synthetic=sum(group.scores.size for group in groups if not group.is_real),
        sets=", ".join(sets),
        groups=len(groups),
        rows="\n".join(f"    ({score}, {rate:g})," for score, rate in table),
    )


def check_halves(groups: Sequence[ImpostorScores]) -> list[dict[str, object]]:
    """Fitted on the fingers of even number and seen on those of odd number, and the other way round."""
    found: list[dict[str, object]] = []
    for half in (0, 1):
        table = fit([group.of_half(half).scores for group in groups])
        for group in groups:
            found.append(seen_at(group.of_half(1 - half), table) | {"fitted_on_half": half})
    return found


def seen_at(group: ImpostorScores, table: Curve) -> dict[str, object]:
    """How many pairs of the group reach the scores of that table, and the rate that is not exceeded with 95 %."""
    counted = {rate: int((group.scores >= score_at(table, rate)).sum()) for rate in _RATES}
    return {
        "group": group.name,
        "pairs": int(group.scores.size),
        "quantiles": {f"{rate:g}": float(np.quantile(group.scores, 1 - rate)) for rate in (*_RATES, 0)},
        "thresholds": {f"{rate:g}": round(score_at(table, rate), 3) for rate in _RATES},
        "seen": {f"{rate:g}": count / group.scores.size for rate, count in counted.items()},
        "at_most": {f"{rate:g}": upper_bound(count, group.scores.size) for rate, count in counted.items()},
        "stated_for_highest": rate_at(table, float(group.scores.max())),
    }


def markdown(rows: Iterable[dict[str, object]]) -> list[str]:
    """One line a group: the scores that 1, 0.1, 0.01 % reach and the highest; the rates seen, and their bound."""
    lines = [
        "| pairs | N | scores 99, 99.9, 99.99 %, highest | thresholds | FMR seen, % | at most (95 %) |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        quantiles, thresholds, seen, most = (row[key] for key in ("quantiles", "thresholds", "seen", "at_most"))
        if not all(isinstance(each, dict) for each in (quantiles, thresholds, seen, most)):
            raise TypeError("these are no figures of a group")
        shown = (_shown(quantiles, 1, 2), _shown(thresholds, 1, 2), _shown(seen, 100, 3), _shown(most, 100, 3))
        lines.append(f"| {row['group']} | {row['pairs']} | {' | '.join(shown)} |")
    return lines


def _shown(values: object, times: float, digits: int) -> str:
    return ", ".join(f"{times * value:.{digits}f}" for value in dict(values).values())  # type: ignore[call-overload]


def main() -> int:
    """Measure, check and write; 0 when it was written, 2 when it cannot be."""
    parser = argparse.ArgumentParser(prog="./run bench fingerprint_calibration", description=__doc__)
    parser.add_argument("--images", action="append", type=Path, required=True, metavar="DIR")
    parser.add_argument("--synthetic", type=int, default=150, help="fingers of worn and of unworn people each")
    parser.add_argument("--impressions", type=int, default=2)
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="keeps templates, so that a new matcher is soon fitted"
    )
    parser.add_argument("--frozen", action="store_true", help="believes the kept templates though sources have changed")
    parser.add_argument("--check", action="store_true", help="shows and writes nothing")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if ensure_model(models_folder()) is None:
        say("no model of LEADER can be made: thresholds are fitted with both engines or not at all")
        return 2
    folders = [folder.resolve() for folder in arguments.images]
    source = MeasuredFingers(TemplateCache(arguments.cache, arguments.frozen), arguments.impressions)
    groups = list(impostor_groups(source, folders, arguments.synthetic))
    table = fit([group.scores for group in groups])
    everything, halves = [seen_at(group, table) for group in groups], check_halves(groups)
    print("\n".join(markdown(everything)), "\n\nfitted on one half of the fingers, seen on the other\n")
    print("\n".join(markdown(halves)))
    if arguments.json:
        arguments.json.write_text(json.dumps({"table": table, "all": everything, "halves": halves}, indent=1) + "\n")
    text = source_of(groups, table, (folder.name for folder in folders))
    print(text)
    if not arguments.check:
        _TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
