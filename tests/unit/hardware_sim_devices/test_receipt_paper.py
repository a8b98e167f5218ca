import random

import numpy as np
import pytest
from escpos.exceptions import DeviceNotFoundError
from escpos.printer import Dummy, Network
from PIL import Image, ImageDraw

from hardware_sim.faults import PrinterFault
from hardware_sim.receipt_printer import ReceiptPrinterSim
from hardware_sim.receipt_printer.commands import (
    Align,
    CommandReader,
    Cut,
    NewLine,
    NotEscPos,
    PrintQr,
    QrData,
    Raster,
    Text,
)
from hardware_sim.receipt_printer.paper import Paper
from tests.unit.hardware_sim_devices.waiting import eventually


def picture(width=576, height=1100):
    made = Image.new("1", (width, height), 1)
    ImageDraw.Draw(made).ellipse((40, 40, width - 40, height - 40), outline=0, width=9)
    return made


def job(printer):
    printer.set(align="center")
    printer.image(picture(400, 300))
    printer.text("Asha 12 kg\n")
    printer.qr("RECEIPT", native=True)
    printer.cut()


@pytest.fixture
def printer(tmp_path):
    with ReceiptPrinterSim(tmp_path / "receipts") as sim:
        yield sim


@pytest.fixture
def host(printer):
    host = Network(printer.host, port=printer.port, timeout=5)
    yield host
    host.close()


def test_a_job_of_the_real_library_is_understood_whatever_the_pieces_it_comes_in():
    dummy = Dummy()
    job(dummy)
    whole = [*CommandReader().feed(dummy.output)]
    kinds = [type(command) for command in whole]
    assert {Align, Raster, Text, NewLine, QrData, PrintQr, Cut} <= set(kinds)
    for seed in range(20):
        draw, reader, found, at = random.Random(seed), CommandReader(), [], 0
        while at < len(dummy.output):
            size = draw.choice((1, 2, 3, 7, 500))
            found += reader.feed(dummy.output[at : at + size])
            at += size
        joined = [command for command in found if not isinstance(command, Text)]
        assert joined == [command for command in whole if not isinstance(command, Text)]
        text = b"".join(command.content for command in found if isinstance(command, Text))
        assert text == b"Asha 12 kg"


def test_a_picture_is_printed_dot_for_dot(printer, host):
    host.image(picture())
    host.cut()
    receipt = np.asarray(Image.open(eventually(printer.receipts)[0]))
    drawn = np.asarray(picture().convert("L"))
    rows = np.flatnonzero((drawn == 0).any(axis=1))
    assert (receipt[24:-24, 24:-24] == drawn[: rows[-1] + 1]).all()


def test_each_cut_makes_one_receipt_in_order(printer, host):
    for _ in range(3):
        job(host)
    names = eventually(lambda: len(printer.receipts()) == 3 and printer.receipts())
    assert [path.stem for path in names] == ["receipt-0001", "receipt-0002", "receipt-0003"]


def test_blank_paper_is_no_receipt(printer, host):
    host.cut()
    job(host)
    eventually(printer.receipts)
    assert len(printer.receipts()) == 1


def test_a_printer_in_order_says_so(host):
    assert host.is_online()
    assert host.paper_status() == 2


def test_a_printer_out_of_paper_says_so_and_prints_nothing(printer, host):
    printer.faults.set(PrinterFault.PAPER_OUT)
    assert host.paper_status() == 0
    assert not host.is_online()
    job(host)
    assert host.paper_status() == 0, "asked after the job, so answered after it"
    printer.faults.clear()
    assert host.paper_status() == 2
    assert printer.receipts() == []


def test_a_jammed_printer_is_offline_and_has_paper(printer, host):
    printer.faults.set(PrinterFault.JAMMED)
    assert not host.is_online()
    assert host.paper_status() == 2


def test_an_unplugged_printer_refuses_and_comes_back_at_the_same_port(printer):
    port = printer.port
    printer.unplug()
    with pytest.raises(DeviceNotFoundError, match="refused"):
        Network(printer.host, port=port, timeout=5).open()
    printer.replug()
    host = Network(printer.host, port=port, timeout=5)
    job(host)
    eventually(printer.receipts)
    host.close()


def test_bytes_that_no_printer_knows_are_refused():
    with pytest.raises(NotEscPos):
        list(CommandReader().feed(b"\x1d\xfe"))
    with pytest.raises(NotEscPos):
        list(CommandReader().feed(b"\x1dv0\0\xff\xff\xff\xff"))


def test_paper_does_not_grow_without_end():
    paper = Paper()
    for _ in range(100):
        paper.print_command(Raster(72, 1000, b"\xff" * 72_000))
    receipt = paper.print_command(Cut())
    assert receipt is not None
    assert receipt.height <= 20_100
