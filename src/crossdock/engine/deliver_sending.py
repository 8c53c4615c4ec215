"""Sending one command: look first where it may have been done, then ask once. Nothing here remembers anything."""

from __future__ import annotations

import logging
from typing import Final, NamedTuple

import msgspec

from crossdock.engine.deliver_outcomes import Done, Job
from crossdock.kit.connector import Connector
from crossdock.kit.outcomes import Already, AnyOutcome, CannotTell, Evidence, Found, NotFound, Unknown, Unsupported

_LOG = logging.getLogger(__name__)
_NOBODY_CAN_TELL: Final = "it may have been done, the system cannot be asked, and repeating it could do it twice"


class Looked(NamedTuple):
    """What looking gave: an outcome that settles it, or none: then it may be asked for again."""

    outcome: AnyOutcome | None
    evidence: tuple[Evidence, ...] = ()
    needs_person: bool = False


async def send(connector: Connector, job: Job) -> Done:
    """Ask for a leased command, once; what became of it. Never raises for what the system or its connector does."""
    try:
        looked = await look(connector, job) if job.candidate.look else Looked(None)
        if looked.outcome is not None:
            return Done(job, looked.outcome, looked.needs_person)
        outcome = await connector.apply(job.command)
        if looked.evidence:
            outcome = msgspec.structs.replace(outcome, evidence=looked.evidence + outcome.evidence)
        return Done(job, outcome)
    except Exception as failure:  # noqa: BLE001  # as below
        # A connector's mistake says nothing of what the system did.
        _LOG.exception("the connector of %s failed on %s", job.name, job.key.wire())
        return Done(job, Unknown(reason=f"the connector failed: {type(failure).__name__}"))


async def look(connector: Connector, job: Job) -> Looked:
    """Whether a command that may have been done was done."""
    finding = await connector.find(job.command)
    if isinstance(finding, Found):
        return Looked(
            Already(document_no=finding.document_no, reason="found when looked for", evidence=finding.evidence)
        )
    if isinstance(finding, NotFound):
        return Looked(None, finding.evidence)
    if isinstance(finding, CannotTell):
        return Looked(Unknown(reason=f"it could not be looked up: {finding.reason}", evidence=finding.evidence))
    assert isinstance(finding, Unsupported)  # noqa: S101  # the last of the findings
    if connector.declares.is_idempotent:
        return Looked(None)
    return Looked(Unknown(reason=_NOBODY_CAN_TELL), (), needs_person=True)
