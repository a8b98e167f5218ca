"""The whole drawn person, as a camera at the desk would see them."""

from __future__ import annotations

import numpy as np

from hardware_sim.faces.canvas import Canvas, Outline, Picture, bow, curve, mix, moved, oval
from hardware_sim.faces.features import (
    BLACK,
    WHITE,
    Proportions,
    draw_age,
    draw_eyes,
    draw_glasses,
    draw_mouth,
    draw_nose,
)
from hardware_sim.faces.hair import draw_beard, draw_behind, draw_in_front
from hardware_sim.faces.traits import Colour, FaceTraits

FRAME_WIDTH_PX = 960
FRAME_HEIGHT_PX = 720
WALL_TOP: Colour = (222, 227, 231)
WALL_BOTTOM: Colour = (201, 208, 214)
FACE_UNIT_PX = 138.0
CHILD_SHARE = 0.86


def draw_wall() -> Picture:
    """The plain wall behind the chair, nobody there."""
    canvas = Canvas(FRAME_WIDTH_PX, FRAME_HEIGHT_PX, unit_px=1, origin_px=(0, 0))
    canvas.gradient(WALL_TOP, WALL_BOTTOM)
    return canvas.picture()


def draw_portrait(traits: FaceTraits) -> Picture:
    """A person before the wall, looking into the camera: 960 x 720, red green blue."""
    share = CHILD_SHARE if traits.age_years < 12 else 1.0
    origin = (FRAME_WIDTH_PX / 2, FRAME_HEIGHT_PX * 0.48 + (1 - share) * 120)
    canvas = Canvas(FRAME_WIDTH_PX, FRAME_HEIGHT_PX, unit_px=FACE_UNIT_PX * share, origin_px=origin)
    canvas.gradient(WALL_TOP, WALL_BOTTOM)
    at = Proportions.of(traits)
    canvas.fill(oval(0.15, 0.6, 1.7, 2.1), (150, 158, 166), opacity=0.3, soft=0.35)
    draw_behind(canvas, traits)
    _draw_body(canvas, traits, at)
    _draw_head(canvas, traits, at)
    draw_eyes(canvas, traits, at)
    draw_nose(canvas, traits, at)
    draw_mouth(canvas, traits, at)
    draw_age(canvas, traits, at)
    draw_beard(canvas, traits, at)
    draw_in_front(canvas, traits, at)
    _draw_ornaments(canvas, traits, at)
    return _grain(canvas.picture(), traits.seed)


def _draw_body(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    skin, cloth = traits.skin, traits.cloth
    wide = 0.40 if traits.is_feminine or traits.age_years < 14 else 0.52
    throat = mix(skin, BLACK, 0.14)
    shoulders = "-2.7,4.6 -2.35,2.6 -1.95,2.12 -1.2,1.84 -.58,1.62 0,1.95 .58,1.62 1.2,1.84 1.95,2.12 2.35,2.6 2.7,4.6"
    canvas.fill(curve(shoulders), cloth, soft=0.006)
    canvas.fill(curve("-1,.9 -1.02,1.5 -1.15,1.68 -.5,1.95 .5,1.95 1.15,1.68 1.02,1.5 1,.9") * (wide, 1), throat)
    canvas.fill(oval(0, at.chin_y + 0.1, wide * 1.15, 0.2), mix(skin, BLACK, 0.55), opacity=0.55, soft=0.09)
    collar = bow("-.66,1.66 -.36,1.98 0,2.16 .36,1.98 .66,1.66")
    canvas.fill(collar, throat)
    canvas.stroke(collar, mix(cloth, BLACK, 0.3), 0.075, soft=0.006)
    canvas.stroke(moved(collar, 0, 0.055), mix(cloth, WHITE, 0.35), 0.016, opacity=0.7, soft=0.006)
    for side in (-1, 1):
        fold = bow("1.1,1.95 1.25,2.4 1.1,3.0") * (side, 1)
        canvas.stroke(fold, mix(cloth, BLACK, 0.4), 0.05, opacity=0.35, soft=0.05)


def _draw_head(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    skin = traits.skin
    shade = mix(skin, BLACK, 0.36)
    if traits.scarf is None:
        for side in (-1, 1):
            canvas.fill(oval(side * 1.0, at.eye_y + 0.2, 0.13, 0.25, side * 8), mix(skin, BLACK, 0.10))
            canvas.fill(oval(side * 1.01, at.eye_y + 0.2, 0.06, 0.15, side * 8), shade, opacity=0.6, soft=0.02)
    head = _head_outline(at)
    canvas.fill(head, shade)
    canvas.fill(head * (0.93, 0.955), skin, soft=0.09)
    canvas.fill(oval(0, at.eye_y - 0.55, 0.55, 0.33), mix(skin, WHITE, 0.4), opacity=0.55, soft=0.16)
    blush = mix(skin, (206, 96, 84), 0.4)
    for side in (-1, 1):
        canvas.fill(oval(side * 0.53, at.nose_y + 0.03, 0.25, 0.2), mix(skin, WHITE, 0.35), opacity=0.6, soft=0.11)
        canvas.fill(oval(side * 0.58, at.nose_y + 0.16, 0.2, 0.15), blush, opacity=0.5, soft=0.1)
    canvas.fill(oval(0, at.chin_y - 0.2, 0.24, 0.13), mix(skin, WHITE, 0.3), opacity=0.4, soft=0.08)


def _head_outline(at: Proportions) -> Outline:
    right = f".55,-1.1 .90,-.72 1,-.1 .96,.42 {at.jaw},.86 .42,{at.chin_y - 0.10}"
    left = f"-.42,{at.chin_y - 0.10} {-at.jaw},.86 -.96,.42 -1,-.1 -.90,-.72 -.55,-1.1"
    return curve(f"0,-1.22 {right} 0,{at.chin_y} {left}")


def _draw_ornaments(canvas: Canvas, traits: FaceTraits, at: Proportions) -> None:
    if traits.has_glasses:
        draw_glasses(canvas, at)
    if traits.has_bindi:
        canvas.fill(oval(0, at.eye_y - 0.34, 0.042, 0.042), (150, 22, 38), soft=0.004)
    if traits.has_earrings and traits.scarf is None:
        for side in (-1, 1):
            canvas.fill(oval(side * 1.04, at.eye_y + 0.5, 0.055, 0.07), (218, 176, 74), soft=0.004)
            canvas.fill(oval(side * 1.03, at.eye_y + 0.48, 0.018, 0.022), WHITE, opacity=0.7, soft=0.004)


def _grain(picture: Picture, seed: int) -> Picture:
    """A camera is never quite clean."""
    noise = np.random.default_rng(seed).normal(0, 1.6, picture.shape)
    return np.clip(np.round(picture + noise), 0, 255).astype(np.uint8)
