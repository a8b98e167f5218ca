"""The gallery of the area in the biometrics process: opened, changed and searched where the matcher is warm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from biometrics.errors import TemplateMalformed
from biometrics.index.candidate import GalleryCandidate
from biometrics.index.local_gallery import LocalGallery
from biometrics.iso19794 import decode_record
from biometrics.template import Template
from biometrics.thresholds import FMR, decide, fmr_of
from domain.errors import ProjectError
from kiosk.devices.frames import Value
from kiosk.devices.serving import MethodUnknown

#: Calls that belong here begin so.
PREFIX = "gallery_"
CODE_NOT_OPEN = "gallery.not_open"
_FMR = FMR.ONE_IN_10_000


class GalleryNotOpen(ProjectError):
    """This process was started anew since the gallery was opened; open it again."""

    code = CODE_NOT_OPEN
    message_key = "error.device"


class GalleryCalls:
    """One gallery at a time. The key comes with the call, never with the command line."""

    def __init__(self) -> None:
        self._gallery: LocalGallery | None = None

    def serve(self, method: str, args: Mapping[str, Value]) -> Value:
        """Raises what LocalGallery raises, GalleryNotOpen, TemplateMalformed or MethodUnknown."""
        if method == "gallery_open":
            return self._open(args)
        if method == "gallery_close":
            self.close()
            return True
        if method == "gallery_put":
            self._opened.put(_people(args))
            return True
        if method == "gallery_remove":
            return self._opened.remove(_names(args))
        if method == "gallery_search":
            return self._search(args)
        raise MethodUnknown(method)

    def close(self) -> None:
        """Lets go of the directory; closed already is closed."""
        if self._gallery is not None:
            self._gallery.close()
            self._gallery = None

    @property
    def _opened(self) -> LocalGallery:
        if self._gallery is None:
            raise GalleryNotOpen("no gallery is open")
        return self._gallery

    def _open(self, args: Mapping[str, Value]) -> Value:
        directory, key = args.get("directory"), args.get("key")
        if not isinstance(directory, str) or not isinstance(key, bytes):
            raise GalleryNotOpen("no directory or no key")
        self.close()
        self._gallery = LocalGallery(Path(directory), key)
        return list[Value](self._gallery.subjects())

    def _search(self, args: Mapping[str, Value]) -> Value:
        budget_s = args.get("budget_s")
        if not isinstance(budget_s, float):
            raise TemplateMalformed("no budget")
        answer = self._opened.search(_templates(args.get("fingers")), budget_s=budget_s)
        candidates = [_told(candidate) for candidate in answer.candidates]
        return {"candidates": candidates, "people": answer.people, "is_complete": answer.is_complete}


def _told(candidate: GalleryCandidate) -> Value:
    """How many of the fingers given match, and how often the best pair of different fingers looks so much alike."""
    matching = sum(decide(pair.score, fmr=_FMR) for pair in candidate.pairs)
    best = min((fmr_of(pair.score) for pair in candidate.pairs), default=1.0)
    return {"subject": candidate.subject, "matching": matching, "best": best}


def _people(args: Mapping[str, Value]) -> dict[str, Sequence[Template]]:
    people = args.get("people")
    if not isinstance(people, dict):
        raise TemplateMalformed("no people")
    return {subject: _templates(records) for subject, records in people.items()}


def _templates(records: Value) -> list[Template]:
    if not isinstance(records, list):
        raise TemplateMalformed("no records")
    return [template for record in records if isinstance(record, bytes) for template in decode_record(record)]


def _names(args: Mapping[str, Value]) -> list[str]:
    subjects = args.get("subjects")
    return [str(subject) for subject in subjects] if isinstance(subjects, list) else []
