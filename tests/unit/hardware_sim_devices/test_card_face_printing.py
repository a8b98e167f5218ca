import httpx
import pytest

from hardware_sim.card_box import CardKind
from hardware_sim.card_printer import CardPrinterSim
from hardware_sim.faults import PrinterFault

PNG = b"\x89PNG\r\n\x1a\n and so on"
JOB = {"number": "SW-2026-000017", "can": "418302", "reader": "0"}


class Labels:
    """A box whose reader 0 holds a card."""

    def __init__(self):
        self.given = []

    def __call__(self, reader, number, can, kind):
        if reader != 0:
            return False
        self.given.append((number, can, kind))
        return True


@pytest.fixture
def labels():
    return Labels()


@pytest.fixture
def printer(tmp_path, labels):
    with CardPrinterSim(tmp_path / "faces", labels) as sim:
        yield sim


def send(printer, body=PNG, **changes):
    answer = httpx.post(f"{printer.url}/jobs", params={**JOB, **changes}, content=body)
    return answer.status_code, answer.json()


def test_a_face_is_kept_and_the_card_in_the_reader_is_labelled(printer, labels):
    assert send(printer) == (201, {"number": "SW-2026-000017"})
    assert send(printer, b"%PDF-1.7 ...", number="OFFICER-1", kind="officer")[0] == 201
    assert [path.name for path in printer.faces()] == ["card-SW-2026-000017.png", "card-OFFICER-1.pdf"]
    assert printer.faces()[0].read_bytes() == PNG
    assert labels.given == [
        ("SW-2026-000017", "418302", CardKind.HOUSEHOLD),
        ("OFFICER-1", "418302", CardKind.OFFICER),
    ]


def test_without_a_card_nothing_is_printed(printer):
    assert send(printer, reader="1") == (409, {"error": "no_card"})
    assert printer.faces() == []


@pytest.mark.parametrize(
    "wrong", [{"number": "../../etc"}, {"number": ""}, {"can": "12"}, {"reader": "2"}, {"kind": "copy"}]
)
def test_a_job_that_makes_no_sense_is_refused(printer, labels, wrong):
    assert send(printer, **wrong) == (400, {"error": "bad_job"})
    assert labels.given == []


def test_a_face_is_a_png_or_a_pdf(printer):
    assert send(printer, b"GIF89a") == (415, {"error": "not_png_or_pdf"})
    assert send(printer, b"") == (400, {"error": "bad_job"})


def test_faults_are_told_and_label_nothing(printer, labels):
    printer.faults.set(PrinterFault.PAPER_OUT, uses=1)
    assert send(printer) == (503, {"error": "out_of_cards"})
    printer.faults.set(PrinterFault.JAMMED, uses=1)
    assert send(printer) == (503, {"error": "jammed"})
    printer.faults.set(PrinterFault.OFFLINE)
    with pytest.raises(httpx.TransportError):
        send(printer)
    assert labels.given == []
    printer.faults.clear()
    assert send(printer)[0] == 201
