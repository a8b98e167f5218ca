"""One desk with everything on it, poked over HTTP and used by the real drivers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from enrolment.devices.zfm import open_zfm
from hardware_sim.card_box import CardBox, CardKind
from hardware_sim.control.server import ControlServer
from hardware_sim.desk.addresses import read_addresses
from hardware_sim.desk.simulated_desk import SimulatedDesk
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.pcscd import PcscUnavailable
from tests.unit.hardware_sim_devices.waiting import eventually

pytestmark = pytest.mark.pcsc


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def box(home):
    box = CardBox(home / "cards")
    box.label(box.new_blank(), "SW-1", "111111")
    box.label(box.new_blank(), "OFFICER-1", "222222", CardKind.OFFICER)
    return box


@pytest.fixture(scope="module")
def desk(home, box):
    fingers = SyntheticFingers(home / "fingers")
    try:
        running = SimulatedDesk(
            home / "desk", name="desk1", registry_url="http://127.0.0.1:9", fingers=fingers, box=box
        )
    except PcscUnavailable as missing:
        pytest.skip(str(missing))
    with running:
        yield running


@pytest.fixture(scope="module")
def control(desk):
    with ControlServer(desk) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


@pytest.fixture
def poke(control):
    """Sends a request that must work; afterwards everything is as before."""

    def send(path, **body):
        answer = control.post(path, json=body) if body else control.post(path)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    yield send
    for path in ("/all-well", "/finger/lift", "/readers/0/remove", "/readers/1/remove"):
        assert control.post(path).is_success
    control.post("/camera/show", json={"person": None})


def state(control):
    return control.get("/state").json()


def test_the_bench_page_is_served_and_asks_for_nothing_elsewhere(control):
    page = control.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    for name in ("", "bench.css", "bench.js", "cards.js", "hands.js", "words.js"):
        text = control.get(f"/{name}").text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text


def test_cards_go_in_by_number_by_name_and_by_chip_and_come_out(control, poke, box):
    poke("/readers/0/insert", card="SW-1")
    poke("/readers/1/insert", card="officer")
    holder, officer = state(control)["readers"]
    assert (holder["number"], officer["number"], officer["kind"]) == ("SW-1", "OFFICER-1", "officer")
    poke("/readers/1/insert", card=holder["serial"])
    assert state(control)["readers"][0] is None, "one card lies in one reader"
    poke("/readers/1/remove")
    assert state(control)["readers"] == [None, None]


def test_a_blank_card_is_always_at_hand_and_never_twice_the_same(control, poke):
    first = poke("/readers/0/insert", card="blank")
    second = poke("/readers/1/insert", card="blank")
    assert first["kind"] == second["kind"] == "blank"
    assert first["serial"] != second["serial"]


def test_a_card_can_be_copied_without_its_key(control, poke):
    copy = poke("/cards/copy", number="SW-1")
    assert copy["kind"] == "copy"
    assert poke("/readers/0/insert", card="copy of SW-1")["serial"] == copy["serial"]
    assert poke("/readers/1/insert", card="SW-1")["serial"] != copy["serial"]


def test_a_card_that_is_not_there_is_told(control):
    answer = control.post("/readers/0/insert", json={"card": "SW-404"})
    assert (answer.status_code, answer.json()["code"]) == (404, "sim.card_not_in_box")
    assert control.post("/readers/2/insert", json={"card": "SW-1"}).status_code == 422
    assert control.post("/readers/0/fault", json={"kind": "SILENT"}).json()["code"] == "simulator.no_card_in_reader"


def test_the_card_printer_labels_the_card_in_the_reader(desk, control, poke):
    serial = poke("/readers/0/insert", card="blank")["serial"]
    job = {"number": "SW-7", "can": "777777", "reader": 0}
    answer = httpx.post(f"{desk.card_printer.url}/jobs", params=job, content=b"\x89PNG picture")
    assert answer.status_code == 201
    holder = state(control)["readers"][0]
    assert (holder["serial"], holder["number"], holder["can"]) == (serial, "SW-7", "777777")
    assert control.get("/card-faces/card-SW-7.png").content == b"\x89PNG picture"
    assert control.get("/card-faces/..%2f..%2fcards%2ffaces.json").status_code == 404


def test_a_placed_finger_reaches_the_driver_and_no_two_touches_are_alike(desk, control, poke):
    with open_zfm(desk.sensor.path) as sensor:
        assert sensor.capture() is None
        pictures = []
        for _ in range(2):
            poke("/finger/place", person="mother", position=1)
            pictures.append(sensor.capture().pixels)
        assert pictures[0] != pictures[1]
        assert control.get("/finger.png").headers["Content-Type"] == "image/png"
        poke("/finger/lift")
        assert sensor.finger_present() is False
        assert control.get("/finger.png").status_code == 404


def test_a_finger_can_be_lifted_by_itself(control, poke):
    poke("/finger/place", person="grandfather", position=2, condition="worn", lift_after_s=0.05)
    eventually(lambda: state(control)["finger"] is None)


def test_the_same_impression_can_be_asked_for_again(control, poke):
    wanted = {"person": "father", "position": 6, "condition": "dry", "impression": 4}
    poke("/finger/place", **wanted)
    first = control.get("/finger.png").content
    assert state(control)["finger"] == wanted
    poke("/finger/place", **wanted)
    assert control.get("/finger.png").content == first


def test_the_wrong_finger_is_somebody_elses(desk, poke):
    poke("/finger/place", person="mother", position=1, condition="wrong", impression=1)
    wrong = desk.hand.picture
    poke("/finger/place", person="mother", position=1, impression=1)
    assert wrong != desk.hand.picture


@pytest.mark.parametrize("device", ["readers", "sensor", "camera", "receipt_printer", "card_printer", "network"])
def test_each_device_can_be_unplugged_and_plugged_in_again(control, poke, device):
    poke(f"/devices/{device}/unplug")
    poke(f"/devices/{device}/unplug")
    assert not state(control)["devices"][device]["is_plugged"]
    poke(f"/devices/{device}/replug")
    poke(f"/devices/{device}/replug")
    assert state(control)["devices"][device]["is_plugged"]


def test_each_fault_of_each_device_can_be_set_and_ended(control, poke):
    tried = 0
    for device, seen in state(control)["devices"].items():
        for fault in seen["faults"]:
            poke(f"/devices/{device}/fault", fault=fault)
            assert state(control)["devices"][device]["fault"] == fault
            tried += 1
    poke("/all-well")
    assert {seen["fault"] for seen in state(control)["devices"].values()} == {"none"}
    print(f"{tried} faults tried")  # noqa: T201
    assert tried > 30
    answer = control.post("/devices/camera/fault", json={"fault": "paper_out"})
    assert (answer.status_code, answer.json()["code"]) == (404, "simulator.no_such_fault")


def test_people_are_told_with_their_names_and_fingers(control, poke):
    people = {person["part"]: person for person in control.get("/people").json()}
    assert people["mother"]["names"]["Deva"] == "आशा देवकर"
    assert people["toddler"]["usual_fingers"] == []
    assert people["grandfather"]["fingers"] == list(range(1, 11))
    poke("/camera/show", person="grandfather")
    assert state(control)["seated"] == "grandfather"
    assert control.get("/people/mother.jpg").content.startswith(b"\xff\xd8")
    assert control.get("/camera.jpg").content.startswith(b"\xff\xd8")


def test_a_desk_runs_from_the_command_line_until_it_is_told_to_stop(tmp_path):
    command = [sys.executable, "-m", "hardware_sim", "--home", str(tmp_path), "--name", "desk9"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as process:
        written = tmp_path / "desks" / "desk9.json"
        eventually(lambda: written.exists() or process.poll() is not None)
        assert process.poll() is None
        addresses = read_addresses(tmp_path, "desk9")
        assert addresses.pid == process.pid
        assert json.loads(written.read_text())["name"] == "desk9"
        assert httpx.get(f"{addresses.control_url}/state").json()["addresses"]["name"] == "desk9"
        assert os.path.exists(addresses.pcsc_socket)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == 0
    assert not written.exists()
