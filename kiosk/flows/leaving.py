"""Ways out of a flow that are nobody's fault."""

from __future__ import annotations

from domain.errors import ProjectError


class FlowLeft(ProjectError):
    """The person or the officer chose to stop, or nobody was there any more. What was kept stays kept."""

    code = "flow.left"
    message_key = "flow.left"
