"""Drawn faces of invented people."""

from hardware_sim.faces.portrait import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, draw_portrait, draw_wall
from hardware_sim.faces.traits import Beard, FaceTraits, Hair

__all__ = ["FRAME_HEIGHT_PX", "FRAME_WIDTH_PX", "Beard", "FaceTraits", "Hair", "draw_portrait", "draw_wall"]
