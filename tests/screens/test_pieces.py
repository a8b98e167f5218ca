"""A long receipt is shown in pieces that can be read."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from kiosk.screens.picture_view import cut_in_pieces


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_receipt_is_cut_between_its_lines_and_nothing_is_lost(count: int) -> None:
    paper = Image.new("L", (100, 600), 255)
    for top in range(5, 590, 20):
        ImageDraw.Draw(paper).rectangle((10, top, 90, top + 12), fill=0)
    pieces = cut_in_pieces(paper, count)
    assert len(pieces) == count
    assert sum(piece.height for piece in pieces) == paper.height
    whole = b"".join(piece.tobytes() for piece in pieces)
    assert whole == paper.tobytes()
    for piece in pieces[1:]:
        assert piece.crop((0, 0, 100, 1)).getextrema() == (255, 255)
