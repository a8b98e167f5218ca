"""``python -m hardware_sim.card present …``: see hardware_sim/present_card.py."""

from __future__ import annotations

import runpy

# By name, not by import: the card must not depend on the box and the readers that hold it.
runpy.run_module("hardware_sim.present_card", run_name="__main__")
