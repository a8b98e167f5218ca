"""Eyes, brows, nose, mouth, lines of age. Origin in the middle of the face, unit half its width, y down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardware_sim.faces.canvas import Canvas, bow, curve, mix, moved, oval
from hardware_sim.faces.traits import Colour, FaceTraits

BLACK: Colour = (18, 14, 14)
WHITE: Colour = (246, 243, 238)
ROSE: Colour = (168, 78, 72)
CHILD_YEARS = 12
OLD_YEARS = 58
LINES_FROM_YEARS = 26


@dataclass(frozen=True)
class Proportions:
    """Where things are on this face."""

    eye_x: float
    eye_y: float
    eye_size: float
    nose_y: float
    mouth_y: float
    mouth_width: float
    chin_y: float
    jaw: float

    @staticmethod
    def of(traits: FaceTraits) -> Proportions:
        """A child's face is round with large eyes set low, a man's long with a broad jaw."""
        vary = np.random.default_rng(traits.seed).uniform(-1, 1, 8)
        youth = float(np.clip((17 - traits.age_years) / 13, 0, 1))
        jaw = 0.74 if traits.is_feminine else 0.82
        return Proportions(
            eye_x=0.41 + 0.015 * vary[0],
            eye_y=-0.12 + 0.14 * youth + 0.02 * vary[1],
            eye_size=0.195 + 0.035 * youth + 0.01 * vary[2],
            nose_y=0.42 + 0.05 * youth + 0.03 * vary[3],
            mouth_y=0.80 + 0.02 * youth + 0.03 * vary[4],
            mouth_width=0.36 - 0.05 * youth + 0.03 * vary[5],
            chin_y=1.34 - 0.14 * youth + 0.04 * vary[6],
            jaw=jaw - 0.02 * youth + 0.03 * vary[7],
        )


def draw_eyes(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    """Both eyes with sockets and brows."""
    for side in (-1, 1):
        _draw_eye(canvas, traits, at, side)
        _draw_brow(canvas, traits, at, side)


def _draw_eye(canvas: Canvas, traits: FaceTraits, at: Proportions, side: int) -> None:
    shade = mix(traits.skin, BLACK, 0.42)
    x, y, size = side * at.eye_x, at.eye_y, at.eye_size
    almond = moved(curve("-1,.08 -.45,-.46 .3,-.47 1,0 .35,.36 -.45,.36") * size, x, y)
    lid = moved(bow("-1.04,.1 -.45,-.47 .3,-.48 1.06,0") * size, x, y)
    canvas.fill(oval(x, y - 0.03, size * 1.45, size), shade, opacity=0.55, soft=0.075)
    canvas.fill(almond, mix(WHITE, traits.skin, 0.12))
    canvas.fill(oval(x, y - 0.01, size * 0.50, size * 0.50), (58, 36, 24))
    canvas.fill(oval(x, y - 0.01, size * 0.27, size * 0.27), (10, 8, 8))
    canvas.fill(oval(x - size * 0.17, y - size * 0.22, size * 0.11, size * 0.11), WHITE, opacity=0.95)
    fold = np.vstack([lid, moved(lid[::-1], 0, -size * 0.26)])
    canvas.fill(fold, mix(traits.skin, BLACK, 0.25), opacity=0.75, soft=0.008)
    canvas.stroke(lid, BLACK, 0.045 if traits.is_feminine else 0.034, opacity=0.95, soft=0.004)
    canvas.stroke(moved(lid, 0, -size * 0.27), shade, 0.018, opacity=0.7, soft=0.006)
    canvas.stroke(almond[len(almond) // 2 :], shade, 0.016, opacity=0.5, soft=0.006)


def _draw_brow(canvas: Canvas, traits: FaceTraits, at: Proportions, side: int) -> None:
    is_fine = traits.is_feminine or traits.age_years < CHILD_YEARS
    thick = 0.05 if is_fine else 0.08
    upper = bow("-.20,.015 0,-.055 .25,.03")
    lower = moved(bow("-.20,.015 0,-.055 .25,-.015")[::-1], 0, thick)
    raised = at.eye_y - at.eye_size * 1.32
    brow = moved(np.vstack([upper, lower]) * (side, 1), side * at.eye_x, raised)
    canvas.fill(brow, mix(traits.hair_colour, BLACK, 0.2), opacity=0.9, soft=0.012)


def draw_nose(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    """Bridge, tip and wings, by light and shade alone."""
    shade, light = mix(traits.skin, BLACK, 0.38), mix(traits.skin, WHITE, 0.45)
    width, y = 0.8 if traits.age_years < CHILD_YEARS else 1.0, at.nose_y
    for side in (-1, 1):
        flank = bow(f".13,{at.eye_y - 0.12} .10,{at.eye_y + 0.2} .17,{y - 0.03}") * (side * width, 1)
        wing = bow(".15,-.12 .225,-.02 .17,.05 .11,.035") * (side * width, 1)
        canvas.stroke(flank, shade, 0.05, opacity=0.33, soft=0.045)
        canvas.stroke(moved(wing, 0, y), shade, 0.024, opacity=0.75, soft=0.010)
        nostril = oval(side * 0.085 * width, y + 0.038, 0.048 * width, 0.024)
        canvas.fill(nostril, mix(shade, BLACK, 0.5), opacity=0.85, soft=0.010)
    canvas.stroke(np.array([(0.0, at.eye_y - 0.22), (0.0, y - 0.14)]), light, 0.09, opacity=0.55, soft=0.045)
    canvas.fill(oval(0, y - 0.09, 0.075 * width, 0.06), light, opacity=0.6, soft=0.03)
    canvas.fill(oval(0, y + 0.10, 0.15, 0.045), shade, opacity=0.25, soft=0.035)


def draw_mouth(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    """A quiet mouth, lips closed."""
    width, y = at.mouth_width, at.mouth_y
    full, tint = (1.25, 0.62) if traits.is_feminine else (0.9, 0.38)
    lip = mix(mix(traits.skin, BLACK, 0.18), ROSE, tint)
    upper = curve("-1,0 -.45,-.055 0,-.04 .45,-.055 1,0 .4,.015 -.4,.015") * (width, full)
    lower = curve("-.95,.005 0,.015 .95,.005 .5,.10 0,.125 -.5,.10") * (width, full)
    line = bow("-1.04,-.012 -.4,.012 0,.004 .4,.012 1.04,-.012") * (width, 1)
    canvas.fill(moved(lower, 0, y), mix(lip, WHITE, 0.12), soft=0.010)
    canvas.fill(moved(upper, 0, y), mix(lip, BLACK, 0.12), soft=0.010)
    canvas.stroke(moved(line, 0, y), mix(lip, BLACK, 0.62), 0.022, opacity=0.9, soft=0.006)
    canvas.fill(oval(0, y + 0.075 * full, width * 0.35, 0.022), WHITE, opacity=0.22, soft=0.02)
    under = mix(traits.skin, BLACK, 0.4)
    canvas.fill(oval(0, y + 0.19 * full, width * 0.55, 0.035), under, opacity=0.35, soft=0.04)


def draw_age(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    """The lines that years leave, from about thirty on."""
    years = float(np.clip((traits.age_years - LINES_FROM_YEARS) / 40, 0, 1))
    if years <= 0:
        return
    shade = mix(traits.skin, BLACK, 0.45)
    for side in (-1, 1):
        fold = bow(f".25,{at.nose_y} .40,{at.nose_y + 0.17} .45,{at.mouth_y + 0.02}") * (side, 1)
        bag = moved(bow("-.19,.13 0,.2 .19,.13"), side * at.eye_x, at.eye_y)
        canvas.stroke(fold, shade, 0.022, opacity=0.15 + 0.45 * years, soft=0.016)
        canvas.stroke(bag, shade, 0.016, opacity=0.1 + 0.4 * years, soft=0.012)
    if traits.age_years >= OLD_YEARS:
        _draw_deep_lines(canvas, shade, at)


def _draw_deep_lines(canvas: Canvas, shade: Colour, at: Proportions) -> None:
    for lift in (0.60, 0.71):
        brow_line = moved(bow("-.36,0 0,-.03 .36,0"), 0, at.eye_y - lift)
        canvas.stroke(brow_line, shade, 0.013, opacity=0.4, soft=0.01)
    for side in (-1, 1):
        for turn in (-0.05, 0.0, 0.05):
            start, end = at.eye_x + 0.27, at.eye_x + 0.37
            crow = np.array([(side * start, at.eye_y + turn), (side * end, at.eye_y + 2.2 * turn)])
            canvas.stroke(crow, shade, 0.010, opacity=0.5, soft=0.006)


def draw_glasses(canvas: Canvas, at: Proportions) -> None:
    """Thin round glasses that leave the eyes plain to see."""
    frame = (52, 44, 42)
    for side in (-1, 1):
        ring = oval(side * at.eye_x, at.eye_y + 0.03, 0.31, 0.27)
        arm = np.array([(side * (at.eye_x + 0.31), at.eye_y), (side * 0.99, at.eye_y - 0.06)])
        canvas.stroke(ring, frame, 0.026, is_closed=True, opacity=0.95)
        canvas.stroke(arm, frame, 0.028)
    canvas.stroke(moved(bow("-.10,0 0,-.05 .10,0"), 0, at.eye_y), frame, 0.026)
