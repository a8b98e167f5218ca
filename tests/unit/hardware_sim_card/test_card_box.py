from __future__ import annotations

from pathlib import Path

import pytest

from card_service.errors import ChipNotGenuine
from hardware_sim.card_box import MAKER_KEY_NAME, CardBox, CardBoxDamaged, CardKind, CardNotInBox
from hardware_sim.present_card import main
from tests.unit.hardware_sim_card.terminal import AID_ONE, CAN, Terminal, make_desk


def test_printed_cards_are_listed_in_the_order_of_printing(tmp_path: Path) -> None:
    box = CardBox(tmp_path / "box")
    serials = [box.new_blank() for _ in range(3)]
    assert set(box.blanks()) == set(serials)
    for serial, number in zip(reversed(serials), ("A", "B", "C"), strict=True):
        box.label(serial, number, CAN)
    again = CardBox(tmp_path / "box")
    assert [face.number for face in again.list()] == ["A", "B", "C"]
    assert again.blanks() == ()
    box.label(serials[2], "D", CAN, CardKind.OFFICER)
    assert [face.number for face in again.list()] == ["B", "C", "D"]
    found = again.find("D")
    assert found is not None
    assert (found.serial_hex, found.kind) == (serials[2], CardKind.OFFICER)
    assert again.find("A") is None


def test_a_copied_card_has_the_same_face_and_fails_chip_authentication(tmp_path: Path) -> None:
    box = CardBox(tmp_path)
    serial = box.new_blank()
    desk = make_desk(box.load(serial))
    box.label(serial, "N1", CAN)
    face = box.copy_without_keys("N1")
    assert (face.number, face.can, face.kind) == ("N1", CAN, CardKind.COPY)
    assert box.get("N1").serial_hex == serial
    copied = box.find("N1", is_copy=True)
    assert copied == face
    terminal = Terminal(box.load(face.serial_hex))
    terminal.open(face.can)
    terminal.select(AID_ONE)
    terminal.prove_chip(desk.agreement_point)
    with pytest.raises(ChipNotGenuine):
        terminal.must("00B08100", le=4)


def test_what_is_not_in_the_box_is_not_found(tmp_path: Path) -> None:
    box = CardBox(tmp_path)
    with pytest.raises(CardNotInBox):
        box.get("N1")
    for serial_hex in ("00" * 8, "../../etc/passwd", ""):
        with pytest.raises(CardNotInBox):
            box.load(serial_hex)
    with pytest.raises(CardNotInBox):
        box.label("00" * 8, "N1", CAN)
    (tmp_path / "faces.json").write_text("[{}]")
    with pytest.raises(CardBoxDamaged):
        box.list()


def test_presenting_an_unknown_card_ends_with_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["present", "--box", str(tmp_path), "--reader", "0", "--card", "N9"]) == 1
    assert "no card N9" in capsys.readouterr().err


def test_the_box_of_a_maker_has_protected_blanks_and_one_without_the_key_has_open_ones(tmp_path: Path) -> None:
    assert CardBox.of_maker(tmp_path / "open").is_open_stock
    protected = tmp_path / "protected"
    protected.mkdir()
    (protected / MAKER_KEY_NAME).write_text(bytes(range(16)).hex())
    box = CardBox.of_maker(protected)
    assert not box.is_open_stock
    chip = box.load(box.new_blank())
    chip.power_on()
    assert chip.transmit(bytes.fromhex("00E0000000")).hex() == "6982"
    (protected / MAKER_KEY_NAME).write_text("not a key")
    with pytest.raises(CardBoxDamaged):
        CardBox.of_maker(protected)
