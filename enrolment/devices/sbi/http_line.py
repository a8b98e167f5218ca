"""HTTP to a device service on this machine: own verbs, never another host, never without an end."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Mapping

from enrolment.devices.ports import SensorGarbage, SensorSilent, SensorUnplugged
from enrolment.devices.sbi.vocabulary import LOOPBACK, Path, Verb

#: A slap scanner's four fingers, plain, in base64url.
LARGEST_ANSWER_BYTES = 16 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
_JSON = {"Content-Type": "application/json"}


def ask(port: int, verb: Verb, path: Path, question: Mapping[str, object], *, timeout_s: float) -> bytes:
    """The body of the service's answer, whole within that time.

    Raises SensorUnplugged when nobody listens, SensorSilent, or SensorGarbage.
    """
    until_s = time.monotonic() + timeout_s
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    try:
        connection.request(verb, path, json.dumps(question).encode(), _JSON)
        line = connection.sock
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise SensorGarbage("the device service answers with an error page")
        return _read_all(response, line, until_s)
    except TimeoutError as error:
        raise SensorSilent("the device service does not answer in time") from error
    except ConnectionRefusedError as error:
        raise SensorUnplugged("no device service is running") from error
    except (OSError, http.client.HTTPException) as error:
        raise SensorUnplugged("the device service broke off") from error
    finally:
        connection.close()


def _read_all(response: http.client.HTTPResponse, line: socket.socket | None, until_s: float) -> bytes:
    body = bytearray()
    while True:
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        if line is not None:
            line.settimeout(left_s)
        chunk = response.read1(CHUNK_BYTES)
        if not chunk:
            break
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise SensorGarbage("the answer is too large")
    if response.length:
        raise ConnectionError("cut off")
    return bytes(body)
