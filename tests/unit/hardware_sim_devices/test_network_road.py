import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from hardware_sim.faults import NetworkFault
from hardware_sim.network import NetworkProxy

PATIENCE_S = 0.4


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.delivered.append(body)
        self.answer(b"accepted " + body)

    def do_GET(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    def do_HEAD(self):
        self.answer(b"length only")

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def registry():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.delivered = []
    server.daemon_threads = True
    server.block_on_close = False
    loop = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    loop.start()
    yield server
    server.shutdown()
    loop.join()
    server.server_close()


@pytest.fixture
def road(registry):
    with NetworkProxy(f"http://127.0.0.1:{registry.server_port}") as proxy:
        yield proxy


@pytest.fixture
def kiosk(road):
    with httpx.Client(base_url=road.url, timeout=httpx.Timeout(5, read=PATIENCE_S)) as client:
        yield client


def push(kiosk, body=b"one"):
    return kiosk.post("/events", content=body)


def test_an_open_road_changes_nothing(road, registry, kiosk):
    assert push(kiosk).text == "accepted one"
    assert kiosk.get("/feed").text == "hello world"
    assert kiosk.head("/feed").headers["Content-Length"] == "11"
    assert push(kiosk, b"two").text == "accepted two"
    assert registry.delivered == [b"one", b"two"]
    assert road.requests_seen == 4


@pytest.mark.parametrize(
    ("fault", "deliveries"),
    [
        (NetworkFault.DOWN, 0),
        (NetworkFault.RESET, 0),
        (NetworkFault.HALF_OPEN, 0),
        (NetworkFault.GARBAGE, 0),
        (NetworkFault.ANSWER_LOST, 1),
        (NetworkFault.ANSWER_LATE, 1),
        (NetworkFault.ANSWER_CUT, 1),
    ],
)
def test_the_kiosk_gets_no_answer_and_cannot_know_whether_it_arrived(road, registry, kiosk, fault, deliveries):
    road.faults.set(fault, uses=1)
    with pytest.raises(httpx.TransportError):
        push(kiosk)
    assert registry.delivered == [b"one"] * deliveries
    assert push(kiosk, b"again").text == "accepted again"


def test_a_request_may_arrive_twice(road, registry, kiosk):
    road.faults.set(NetworkFault.REQUEST_TWICE, uses=1)
    assert push(kiosk).text == "accepted one"
    assert registry.delivered == [b"one", b"one"]


def test_an_old_request_may_come_again_after_a_newer_one(road, registry, kiosk):
    push(kiosk, b"old")
    road.faults.set(NetworkFault.OLD_REQUEST_AGAIN, uses=1)
    assert push(kiosk, b"new").text == "accepted new"
    assert registry.delivered == [b"old", b"new", b"old"]


def test_somebody_else_may_answer(road, registry, kiosk):
    road.faults.set(NetworkFault.SERVER_ERROR, uses=1)
    assert push(kiosk).status_code == 500
    road.faults.set(NetworkFault.CAPTIVE_PORTAL, uses=1)
    portal = push(kiosk)
    assert (portal.status_code, portal.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert registry.delivered == []


def test_without_a_network_nobody_is_there_and_afterwards_at_the_same_address(road, registry, kiosk):
    url = road.url
    push(kiosk)
    road.down()
    with pytest.raises(httpx.ConnectError):
        push(kiosk)
    road.up()
    assert road.url == url
    assert push(kiosk, b"two").text == "accepted two"


def test_a_registry_that_is_not_running_is_a_broken_connection():
    with (
        NetworkProxy("http://127.0.0.1:9") as road,
        httpx.Client(base_url=road.url) as kiosk,
        pytest.raises(httpx.TransportError),
    ):
        push(kiosk)


def test_a_slow_road_delays_and_delivers(road, kiosk):
    road.latency_s = 0.05
    road.bytes_per_s = 4000
    answer = push(kiosk, b"x" * 600)
    assert answer.elapsed.total_seconds() >= 0.1
    assert len(answer.text) == 609
