"""Calibrates the thresholds on pairs of different fingers and writes biometrics/calibration.py.   --images DIR …"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.fingerprint_sets import Degradation, find_impressions
from benchmarks.fingerprints import enrol_all
from benchmarks.verification_rates import Scores
from biometrics.engine import Engine
from biometrics.extraction.pipeline import ExtractionConfiguration, extract
from biometrics.matcher import PreparedTemplate, compare_prepared, prepare
from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import WINDOW_DPI, WINDOW_HEIGHT_PX, WINDOW_WIDTH_PX, Finger, FingerCondition
from hardware_sim.fingers.synthetic import SyntheticFingers

_TARGET = Path(__file__).parents[1] / "biometrics" / "calibration.py"
#: Rates read straight from the scores; below the last of them the tail is fitted.
_MEASURED_RATES = (0.5, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
_FITTED_RATES = (1e-4, 1e-6)
#: One-sided 95 % bound of the tail's slope, so that few exceedances make thresholds stricter, not laxer.
_CAUTION_DEVIATIONS = 1.64
_SYNTHETIC_IMPRESSIONS = 2
_BODY = '''"""Scores of the matcher on different fingers: what thresholds.py reads. Made by a benchmark, never by hand.

    python -m benchmarks.fingerprint_calibration --images DIR [--images DIR ...] --synthetic PEOPLE

{pairs} impostor pairs: {synthetic} of synthetic fingers and {real} of real pictures, inside and across the sets
{sets}; whole pictures and, again, 256 x 288 windows of 16 grey levels.
Pairs share fingers and are not independent.
Down to one in a thousand the scores are read from the pairs; beyond, an exponential is fitted to the {excess} highest
and made {caution:.0f} % flatter, the one-sided 95 % bound of its slope.
"""

from __future__ import annotations

#: (score, share of impostor pairs that reach it), scores rising.
IMPOSTOR_TAIL: tuple[tuple[float, float], ...] = (
{rows}
)
'''


def real_impostors(folders: Sequence[Path], engine: Engine) -> Scores:
    """Scores of all pairs of different fingers inside and across the folders, whole and as the small sensor sees."""
    scores: list[float] = []
    for degradation in (Degradation.NONE, Degradation.ZFM):
        fingers: dict[str, list[PreparedTemplate]] = {}
        for folder in folders:
            impressions = list(find_impressions(folder))
            for each in enrol_all(impressions, degradation, engine, _say):
                name = f"{each.impression.set_name}/{each.impression.finger}"
                fingers.setdefault(name, []).append(prepare(each.template))
        _say(f"comparing, degraded: {degradation.value}")
        scores += _impostor_scores(list(fingers.values()))
    return np.array(scores)


def synthetic_impostors(people: int, engine: Engine) -> Scores:
    """Scores of all pairs of different invented fingers."""
    fingers = []
    with tempfile.TemporaryDirectory() as shelf:
        source = SyntheticFingers(Path(shelf))
        for seed in range(people):
            finger = Finger(seed, FingerPosition.RIGHT_INDEX)
            fingers.append([_draw(source, finger, number, engine) for number in range(_SYNTHETIC_IMPRESSIONS)])
    _say("comparing synthetic fingers")
    return np.array(_impostor_scores(fingers))


def _draw(source: SyntheticFingers, finger: Finger, number: int, engine: Engine) -> PreparedTemplate:
    pixels = np.frombuffer(source.picture(finger, number, FingerCondition.GOOD), np.uint8)
    image = pixels.reshape(WINDOW_HEIGHT_PX, WINDOW_WIDTH_PX)
    configuration = ExtractionConfiguration(engine, threads=1)
    return prepare(extract(image, dpi=WINDOW_DPI, position=finger.position, configuration=configuration).template)


def _impostor_scores(fingers: Sequence[Sequence[PreparedTemplate]]) -> list[float]:
    return [compare_prepared(a, b) for one, two in itertools.combinations(fingers, 2) for a in one for b in two]


def fit_tail(scores: Scores) -> tuple[list[tuple[float, float]], int, float]:
    """The table, how many scores the tail was fitted to, and how much flatter it was made, as a share."""
    table = [(0.0, 1.0)]
    for rate in _MEASURED_RATES:
        score = round(float(np.quantile(scores, 1 - rate)), 3)
        if score > table[-1][0]:
            table.append((score, rate))
    start, start_rate = table[-1]
    excess = scores[scores > start] - start
    caution = _CAUTION_DEVIATIONS / float(np.sqrt(excess.size))
    slope = float(excess.mean()) * (1 + caution)
    table += [(round(start + slope * float(np.log(start_rate / rate)), 3), rate) for rate in _FITTED_RATES]
    return table, excess.size, caution


def main() -> int:
    """Measure and write; 0 when it was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", action="append", type=Path, required=True, metavar="DIR")
    parser.add_argument("--synthetic", type=int, default=60, metavar="PEOPLE")
    arguments = parser.parse_args()
    folders = [folder.resolve() for folder in arguments.images]
    parts = [(real_impostors(folders, e), synthetic_impostors(arguments.synthetic, e)) for e in Engine]
    real, synthetic = np.concatenate([r for r, _ in parts]), np.concatenate([s for _, s in parts])
    for name, scores in (("real", real), ("synthetic", synthetic)):
        _say(f"{name}: {scores.size} pairs, 99 %, 99.9 %, highest: "
             + ", ".join(f"{np.quantile(scores, q):.2f}" for q in (0.99, 0.999, 1)))  # fmt: skip
    table, excess, caution = fit_tail(np.concatenate([real, synthetic]))
    text = _BODY.format(
        pairs=real.size + synthetic.size,
        real=real.size,
        synthetic=synthetic.size,
        sets=", ".join(folder.name for folder in folders),
        excess=excess,
        caution=100 * caution,
        rows="\n".join(f"    ({score}, {rate:g})," for score, rate in table),
    )
    _TARGET.write_text(text)
    print(text)
    return 0


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
