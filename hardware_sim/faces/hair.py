"""Hair, beard, scarf and cap: what lies behind the head and what lies before it."""

from __future__ import annotations

import numpy as np

from hardware_sim.faces.canvas import Canvas, bow, curve, mix, moved, oval
from hardware_sim.faces.features import BLACK, WHITE, Proportions
from hardware_sim.faces.traits import Beard, Colour, FaceTraits, Hair

GOLD: Colour = (214, 176, 92)
RIBBON: Colour = (196, 60, 74)
BRAID_KNOTS = 6


def draw_behind(canvas: Canvas, traits: FaceTraits) -> None:
    """What hangs behind the face."""
    dark = mix(traits.hair_colour, BLACK, 0.3)
    if traits.scarf is not None:
        _draw_scarf_back(canvas, traits.scarf)
        return
    if traits.cap is None and traits.hair is not Hair.BALDING:
        canvas.fill(oval(0, -0.55, 1.03, 0.87), traits.hair_colour)
    if traits.hair is Hair.LONG:
        fall = "-1,-.9 0,-1.46 1,-.9 1.2,.1 1.14,1.9 .7,2 0,1 -.7,2 -1.14,1.9 -1.2,.1"
        canvas.fill(curve(fall), dark, soft=0.015)
    elif traits.hair is Hair.FRINGE:
        fall = "-1,-.9 0,-1.46 1,-.9 1.2,.1 1.12,.72 .7,.85 0,1 -.7,.85 -1.12,.72 -1.2,.1"
        canvas.fill(curve(fall), dark, soft=0.015)
    elif traits.hair is Hair.BRAIDS:
        for side in (-1, 1):
            _draw_braid(canvas, dark, side)


def _draw_braid(canvas: Canvas, colour: Colour, side: int) -> None:
    for knot in range(BRAID_KNOTS):
        x, y = 1.06 + 0.02 * knot, 0.35 + 0.26 * knot
        canvas.fill(oval(side * x, y, 0.15, 0.17, side * 20), colour, soft=0.01)
        crossing = np.array([(side * (x - 0.1), y + 0.03), (side * (x + 0.05), y + 0.09)])
        canvas.stroke(crossing, BLACK, 0.015, opacity=0.5)
    canvas.fill(oval(side * 1.17, 1.9, 0.17, 0.09), RIBBON)


def draw_in_front(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    """What frames the face."""
    if traits.scarf is not None:
        _draw_hairline(canvas, traits.hair_colour)
        _draw_scarf_front(canvas, traits.scarf)
        return
    if traits.cap is not None or traits.hair is Hair.BALDING:
        _draw_sides(canvas, traits.hair_colour)
    else:
        _draw_top(canvas, traits, at)
    if traits.cap is not None:
        _draw_cap(canvas, traits.cap)


def draw_beard(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    """Moustache and beard, the mouth left free."""
    if traits.beard is Beard.NONE:
        return
    y, colour = at.mouth_y, traits.hair_colour
    if traits.beard in (Beard.SHORT, Beard.FULL):
        is_full = traits.beard is Beard.FULL
        chin = at.chin_y + (0.28 if is_full else 0.06)
        side_line = f".97,.12 .93,.62 .62,{chin - 0.25} 0,{chin} -.62,{chin - 0.25} -.93,.62 -.97,.12"
        cheek_line = (
            f"-.88,.36 -.66,{y - 0.06} -.44,{y - 0.12} -.46,{y + 0.1} -.22,{y + 0.22} 0,{y + 0.24} "
            f".22,{y + 0.22} .46,{y + 0.1} .44,{y - 0.12} .66,{y - 0.06} .88,.36"
        )
        shape = np.vstack([bow(side_line), bow(cheek_line)])
        canvas.fill(shape, colour, opacity=0.95 if is_full else 0.72, soft=0.03)
        if is_full:
            _draw_strands(canvas, colour, y, chin)
    for side in (-1, 1):
        half = curve("0,-.155 .2,-.16 .42,-.02 .46,.04 .22,-.065 0,-.075") * (side, 1)
        canvas.fill(moved(half, 0, y), mix(colour, BLACK, 0.08), opacity=0.93, soft=0.014)


def _draw_strands(canvas: Canvas, colour: Colour, mouth_y: float, chin_y: float) -> None:
    for x in np.linspace(-0.6, 0.6, 11):
        top = mouth_y + 0.27 - 0.3 * abs(x)
        low = chin_y - 0.10 - 0.42 * x * x
        strand = bow(f"{x},{top} {x * 0.97},{(top + low) / 2} {x * 0.85},{low}")
        canvas.stroke(strand, mix(colour, BLACK, 0.28), 0.014, opacity=0.4, soft=0.008)


def _draw_top(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    line = at.eye_y - 0.70
    if traits.hair is Hair.FRINGE:
        low = f".95,-.1 .9,{line + 0.16} .4,{line + 0.14} 0,{line + 0.16} -.4,{line + 0.14} -.9,{line + 0.16} -.95,-.1"
    elif traits.hair is Hair.SHORT:
        low = (
            f".965,-.12 .90,{line - 0.02} .5,{line - 0.11} .1,{line - 0.10} "
            f"-.42,{line - 0.02} -.88,{line + 0.05} -.965,-.12"
        )
    else:  # parted in the middle
        low = (
            f".97,.05 .88,{line + 0.12} .5,{line - 0.20} 0,{line - 0.44} -.5,{line - 0.20} -.88,{line + 0.12} -.97,.05"
        )
    outer = bow("-1.06,0 -1.09,-.55 -.82,-1.18 0,-1.46 .82,-1.18 1.09,-.55 1.06,0")
    canvas.fill(np.vstack([outer, bow(low)]), traits.hair_colour, soft=0.012)
    canvas.stroke(bow("-.62,-1.12 -.1,-1.3 .35,-1.25"), WHITE, 0.07, opacity=0.13, soft=0.05)
    if traits.hair in (Hair.PARTED_TIED, Hair.LONG, Hair.BRAIDS):
        parting = np.array([(0.0, line - 0.42), (0.0, -1.44)])
        canvas.stroke(parting, mix(traits.skin, traits.hair_colour, 0.35), 0.022, soft=0.006)


def _draw_hairline(canvas: Canvas, colour: Colour) -> None:
    outer = bow("-1.02,-.3 -.8,-1.05 0,-1.3 .8,-1.05 1.02,-.3")
    inner = bow(".92,-.42 .62,-.88 0,-1.14 -.62,-.88 -.92,-.42")
    canvas.fill(np.vstack([outer, inner]), colour, soft=0.02)


def _draw_sides(canvas: Canvas, colour: Colour) -> None:
    for side in (-1, 1):
        tuft = curve("1.02,.12 1.09,-.35 1,-.82 .86,-.98 .91,-.5 .965,.08") * (side, 1)
        canvas.fill(tuft, colour, opacity=0.95, soft=0.02)


def _draw_cap(canvas: Canvas, colour: Colour) -> None:
    rim = bow("-.97,-.74 -.5,-.96 0,-1.02 .5,-.96 .97,-.74")
    top = bow(".97,-.80 .93,-1.18 .55,-1.46 0,-1.55 -.55,-1.46 -.93,-1.18 -.97,-.80")
    canvas.fill(np.vstack([rim, top]), colour, soft=0.006)
    canvas.stroke(moved(rim, 0, -0.09), mix(colour, BLACK, 0.25), 0.022, opacity=0.7, soft=0.006)
    canvas.stroke(moved(rim, 0, -0.16), mix(colour, BLACK, 0.2), 0.014, opacity=0.5, soft=0.006)
    canvas.stroke(rim, mix(colour, BLACK, 0.5), 0.03, opacity=0.6, soft=0.02)
    canvas.fill(oval(-0.3, -1.3, 0.35, 0.1, -16), WHITE, opacity=0.25, soft=0.07)


def _draw_scarf_back(canvas: Canvas, colour: Colour) -> None:
    cloth = "-1.1,-.9 -.6,-1.5 0,-1.64 .6,-1.5 1.1,-.9 1.3,.2 1.45,1.4 2,4 0,4.4 -2,4 -1.45,1.4 -1.3,.2"
    canvas.fill(curve(cloth), mix(colour, BLACK, 0.32), soft=0.01)


def _draw_scarf_front(canvas: Canvas, colour: Colour) -> None:
    border = bow("0,-1.29 .72,-.97 .99,-.35 1.05,.5 1.08,1.5 .9,2.7 .85,4")
    outer = bow("1.9,4 1.62,2.3 1.44,1.3 1.31,.2 1.12,-.92 .62,-1.5 0,-1.66")
    for side in (-1, 1):
        canvas.fill(np.vstack([border, outer]) * (side, 1), colour, soft=0.006)
        canvas.stroke(border * (side, 1), GOLD, 0.045, opacity=0.95, soft=0.004)
        for fold in ("1.12,-1 1.24,-.5 1.22,.1", "1.12,-.3 1.26,.3 1.28,1", "1.12,.9 1.32,1.6 1.3,2.4"):
            canvas.stroke(bow(fold) * (side, 1), mix(colour, BLACK, 0.45), 0.03, opacity=0.4, soft=0.03)
