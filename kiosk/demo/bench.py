"""A simulated desk as the demo pokes it: over its control API, as a person does on the bench page."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from domain.errors import ProjectError
from domain.fingers import FingerPosition

HOLDER_READER, OFFICER_READER = 0, 1


class BenchRefused(ProjectError):
    """The desk did not do what the demo asked."""

    code = "demo.bench_refused"
    message_key = "error.unexpected"


class Bench:
    """One desk: cards, finger, face, cables, network, paper."""

    def __init__(self, addresses_file: Path) -> None:
        self.addresses = json.loads(addresses_file.read_text())
        self._http = httpx.Client(base_url=self.addresses["control_url"], timeout=30.0)

    def insert(self, card: str, *, reader: int = HOLDER_READER) -> None:
        """A card by number, chip serial, ``blank``, or ``copy of NUMBER``."""
        self._post(f"/readers/{reader}/insert", {"card": card})

    def remove(self, *, reader: int = HOLDER_READER) -> None:
        self._post(f"/readers/{reader}/remove")

    def place(self, person: str, position: FingerPosition, condition: str = "good") -> None:
        self._post("/finger/place", {"person": person, "position": position.value, "condition": condition})

    def lift(self) -> None:
        self._post("/finger/lift")

    def show_face(self, person: str | None) -> None:
        self._post("/camera/show", {"person": person})

    def cut_network(self) -> None:
        self._post("/devices/network/unplug")

    def restore_network(self) -> None:
        self._post("/devices/network/replug")

    def copy_card(self, number: str) -> str:
        """The chip serial of a new card with every file of that card and none of its keys."""
        return str(self._post("/cards/copy", {"number": number}).json()["serial"])

    def cards(self) -> list[dict[str, str | None]]:
        """Printed cards, oldest first, then blanks."""
        return list(self._get("/cards").json())

    def people(self) -> dict[str, dict[str, object]]:
        """The cast by part."""
        return {person["part"]: person for person in self._get("/people").json()}

    def receipts(self) -> list[str]:
        return list(self._get("/state").json()["receipts"])

    def receipt(self, name: str) -> bytes:
        return self._get(f"/receipts/{name}.png").content

    def card_faces(self) -> list[str]:
        return list(self._get("/state").json()["card_faces"])

    def card_face(self, name: str) -> bytes:
        return self._get(f"/card-faces/{name}").content

    def close(self) -> None:
        self._http.close()

    def _get(self, path: str) -> httpx.Response:
        return self._checked(self._http.get(path))

    def _post(self, path: str, body: dict[str, object] | None = None) -> httpx.Response:
        return self._checked(self._http.post(path, json=body))

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise BenchRefused(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        return answer
