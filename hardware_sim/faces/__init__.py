"""Drawn faces of invented people."""

from .portrait import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, draw_portrait, draw_wall
from .traits import Beard, FaceTraits, Hair

__all__ = ["FRAME_HEIGHT_PX", "FRAME_WIDTH_PX", "Beard", "FaceTraits", "Hair", "draw_portrait", "draw_wall"]
