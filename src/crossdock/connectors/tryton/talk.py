"""A conversation with a Tryton about one thing: what was asked, what it said, and what may have been done by then.

Reading and pressing buttons go by REST with an application key. Wizards, and writing only what nobody changed
meanwhile, need a session (JSON-RPC): it is opened when it is first needed, and again when it is refused.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.connectors.http import Answer, Client, Exchanged, Request, What
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.wire import Row, encoded, plain, query
from crossdock.kit.outcomes import AnyOutcome, Conflict, Evidence, Rejected, RetryAfter, Unknown

_OK: Final = 200
_NO_CONTENT: Final = 204
_REASON_MAX: Final = 300
_SECONDS_MAX: Final = 3_600.0
# Where the sentence stands in what each says: an error has (message, details), a warning (name, message, details).
_SAID: Final = {"UserError": 0, "UserWarning": 1}


class Stop(Exception):
    """The conversation ends here, with this outcome."""

    def __init__(self, outcome: AnyOutcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Refused(Exception):
    """Tryton did not do it, and says why: a button that cannot be pressed any more, a value it does not take.

    `warning` is the name under which it would take *yes, do it* from a person.
    """

    def __init__(self, reason: str, warning: str | None = None) -> None:
        super().__init__(reason)
        self.warning = warning


class Sent(NamedTuple):
    """A record of an answer: what it says, and the bytes that say it."""

    row: Row
    bytes: bytes


class House:
    """One Tryton as we are let in: what all conversations share."""

    def __init__(self, client: Client, settings: Settings, password: str | None) -> None:
        self.client = client
        self.settings = settings
        self.password = password
        self.session: str | None = None
        self.company: int | None = None


class Talk:
    """One conversation. Raises `Stop` when it cannot go on, and `Refused` where Tryton says no."""

    def __init__(self, house: House, what: What) -> None:
        self._house = house
        self._what: What = what
        self.evidence: list[Evidence] = []
        self.has_written = False

    # -- reading -----------------------------------------------------------------------------------------------------

    async def search(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        order: Sequence[Any] | None = None,
        limit: int | None = 1_000,
        context: Row | None = None,
    ) -> list[Row]:
        """The records of a domain; `context` says how computed fields are meant."""
        return [one.row for one in await self.search_sent(model, domain, fields, order=order, limit=limit,
                                                          context=context)]  # fmt: skip

    async def search_sent(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        order: Sequence[Any] | None = None,
        limit: int | None = 1_000,
        context: Row | None = None,
    ) -> list[Sent]:
        """The same, each record with its bytes."""
        whole = {"company": await self.company(), **context} if context else None
        path = f"{model}?{query(fields, domain, order=order, limit=limit)}"
        answer = await self._rest_answer("GET", path, None, context=whole)
        rows = self._document(answer) if answer is not None else None
        if answer is None or not isinstance(rows, list) or not all(isinstance(r, dict) and "id" in r for r in rows):
            raise self._stop("it gives no list of records")
        raws = msgspec.json.decode(answer.body, type=list[msgspec.Raw])
        return [Sent(row, bytes(raw)) for row, raw in zip(rows, raws, strict=True)]

    async def one(self, model: str, domain: Sequence[Any], fields: Sequence[str], what: str) -> Row:
        """The one record of a domain; without it the deed cannot be said in this house's terms."""
        rows = await self.search(model, domain, fields, limit=2)
        if len(rows) != 1:
            raise Stop(Rejected(reason=f"it has {'no' if not rows else 'more than one'} {what}"))
        return rows[0]

    async def read(self, model: str, record: int, fields: Sequence[str]) -> Row:
        """A record as it is now."""
        rows = await self.search(model, [["id", "=", record]], fields, limit=1)
        if not rows:
            raise Stop(Conflict(reason=f"{model} {record} is gone"))
        return rows[0]

    # -- writing -----------------------------------------------------------------------------------------------------

    async def create(self, model: str, values: Row, fields: Sequence[str] = ()) -> Row:
        """Make a record. Raises `Refused`."""
        made = await self._rest("POST", f"{model}?{query(fields)}" if fields else model, values)
        if not isinstance(made, dict) or "id" not in made:
            raise self._stop("it does not say what it made")
        return made

    async def press(self, model: str, record: int, button: str) -> Row | None:
        """Press a button; the record's id and state after it, where its button gives nothing else. Raises `Refused`."""
        told = await self._rest("POST", f"{model}/{record}/{button}?f=state", {})
        return told if isinstance(told, dict) and "state" in told else None

    async def delete(self, model: str, record: int) -> None:
        """Delete a record. Raises `Refused`."""
        await self._rest("DELETE", f"{model}/{record}", None)

    async def write_unchanged(self, model: str, row: Row, values: Row) -> None:
        """Write a record that is still as it was read (`row` has its `_timestamp`). Raises `Refused`."""
        await self.write_all_unchanged(model, [(row, values)])

    async def write_all_unchanged(self, model: str, changes: Sequence[tuple[Row, Row]]) -> None:
        """Write records that are all still as they were read, all or none. Raises `Refused`."""
        written = [part for row, values in changes for part in ([row["id"]], values)]
        unchanged = {f"{model},{row['id']}": row for row, _ in changes}
        await self.call(f"model.{model}.write", *written, unchanged=unchanged)

    async def press_unchanged(self, model: str, row: Row, button: str) -> None:
        """Press a button of a record that is still as it was read. Raises `Refused`."""
        await self.call(f"model.{model}.{button}", [row["id"]], unchanged={f"{model},{row['id']}": row})

    async def press_meaning_it(self, model: str, record: int, button: str, meant: Container[str]) -> None:
        """Press a button; a warning of a kind that is meant is answered with yes, once. Raises `Refused`."""
        try:
            await self.call(f"model.{model}.{button}", [record])
        except Refused as refused:
            if refused.warning is None or refused.warning.rpartition(".")[2] not in meant:
                raise
            await self.call("model.res.user.warning.skip", refused.warning)
            await self.call(f"model.{model}.{button}", [record])

    async def wizard(self, name: str, form: str, values: Row, *, model: str, record: int) -> None:
        """Go through a wizard of one form, whose last state is called after it."""
        context = {"active_model": model, "active_id": record, "active_ids": [record]}
        session, start, *_ = await self.call(f"wizard.{name}.create", more=context)
        data = {start: values} if values else {}
        await self.call(f"wizard.{name}.execute", session, data, form, more=context)

    # -- how ---------------------------------------------------------------------------------------------------------

    async def company(self) -> int:
        """Whose books we keep."""
        if self._house.company is None:
            name = self._house.settings.company
            domain = [["party.name", "=", name]] if name else []
            rows = await self._rest("GET", f"company.company?{query(['id'], domain, limit=2)}", None, context={})
            if not isinstance(rows, list) or len(rows) != 1:
                raise Stop(Rejected(reason="its manifest must name one company of the database"))
            self._house.company = rows[0]["id"]
        return self._house.company

    async def _rest(self, method: str, path: str, document: Any, *, context: Row | None = None) -> Any:  # noqa: ANN401
        answer = await self._rest_answer(method, path, document, context=context)
        return self._document(answer) if answer is not None else None

    async def _rest_answer(
        self,
        method: str,
        path: str,
        document: Any,  # noqa: ANN401  # any JSON
        *,
        context: Row | None = None,
    ) -> Answer | None:
        """The answer to a request that was granted; none where there is nothing to say. Raises `Refused`."""
        if context is None:
            context = {"company": await self.company()}
        headers = {"X-Tryton-Context": encoded(context), "Accept-Language": "en"}
        writes = method != "GET"
        self.has_written = self.has_written or writes
        whole = f"/{self._house.settings.database}/rest/model/{path}"
        exchanged = await self._exchange(Request(self._what, method, whole, None, headers, document), writes=writes)
        answer = exchanged.answer
        assert answer is not None  # noqa: S101  # _exchange stops without one
        if answer.status == _NO_CONTENT:
            return None
        if answer.status == _OK:
            return answer
        told = self._document(answer)
        raise Refused(str((told.get("message") if isinstance(told, dict) else None) or told)[:_REASON_MAX])

    async def call(
        self, method: str, *parameters: object, unchanged: Mapping[str, Row] | None = None, more: Row | None = None
    ) -> Any:  # noqa: ANN401  # any JSON
        """Call a method in a session. Raises `Refused`; a record that was changed meanwhile is a conflict."""
        context: Row = {"company": await self.company(), "language": "en", **(more or {})}
        if unchanged:
            context["_timestamp"] = {name: row["_timestamp"] for name, row in unchanged.items()}
        self.has_written = True
        document = {"id": 1, "method": method, "params": [*parameters, context]}
        for is_last in (False, True):
            headers = {"Authorization": await self._session()}
            path = f"/{self._house.settings.database}/rpc/"
            exchanged = await self._exchange(
                Request(self._what, "POST", path, None, headers, document), writes=True, may_be_out=not is_last
            )
            if exchanged.answer is None:  # the session ended: sign in again, once
                self._house.session = None
                continue
            told = self._document(exchanged.answer)
            if not isinstance(told, dict) or ("result" not in told and "error" not in told):
                raise self._stop("it gives neither a result nor an error")
            if error := told.get("error"):
                raise self._no(error)
            return told.get("result")
        raise Stop(RetryAfter(reason="it does not let us in, though we signed in again"))

    def _no(self, error: Any) -> Exception:  # noqa: ANN401  # any JSON
        kind, said = (error[0], error[1]) if isinstance(error, list) and len(error) > 1 else (error, "")
        if kind == "ConcurrencyException":
            return Stop(Conflict(reason="somebody changed it meanwhile"))
        if kind in _SAID:
            sentence = str(said[_SAID[kind]] if isinstance(said, list) else said)[:_REASON_MAX]
            return Refused(sentence, str(said[0]) if kind == "UserWarning" and isinstance(said, list) else None)
        return self._stop(f"it failed: {kind}")

    async def _session(self) -> str:
        """Sign in, unless we are; nothing of it is kept as evidence."""
        house = self._house
        if house.session is None:
            if house.settings.user is None or house.password is None:
                raise Stop(Rejected(reason="this needs a session: its manifest must name a user, and its password"))
            login = {
                "id": 1,
                "method": "common.db.login",
                "params": [house.settings.user, {"password": house.password}],
            }
            path = f"/{house.settings.database}/rpc/"
            exchanged = await house.client.exchange(Request(self._what, "POST", path, None, None, login))
            answer = exchanged.answer
            if answer is None or answer.status != _OK:
                told = exchanged.problem if answer is None else f"it answers {answer.status}"
                raise self._stop(f"we cannot sign in: {told}", done=False)
            told = self._document(answer)
            result = told.get("result") if isinstance(told, dict) else None
            if not isinstance(result, list) or len(result) < 2:  # noqa: PLR2004  # a number and a token
                raise self._stop("we cannot sign in: it gives no session", done=False)
            text = f"{house.settings.user}:{result[0]}:{result[1]}"
            house.session = "Session " + b64encode(text.encode()).decode()
        return house.session

    async def _exchange(self, request: Request, *, writes: bool, may_be_out: bool = False) -> Exchanged:
        """Ask once; stops unless there is an answer that says whether it was done."""
        exchanged = await self._house.client.exchange(request)
        self.evidence.append(exchanged.evidence)
        answer = exchanged.answer
        if answer is None:
            raise self._stop(exchanged.problem, done=self._may_be_done(writes=writes and not exchanged.never_sent))
        said = f"it answers {answer.status}"
        match answer.status:
            case 200 | 204 | 400:
                return exchanged
            case 401 if may_be_out:
                return exchanged._replace(answer=None)
            case 401 | 403:
                raise self._stop(f"it does not let us in, {said}", done=False)
            case 404 | 409:
                raise Stop(Conflict(reason=f"{said}: it is not there, or was changed meanwhile"))
            case 429:
                wait = answer.headers.get("retry-after", "")
                seconds = min(float(wait), _SECONDS_MAX) if wait.isascii() and wait.isdigit() else None
                raise Stop(RetryAfter(reason=said, seconds=seconds, is_busy=True))
            case 503:
                raise self._stop(said, done=False)
        raise self._stop(said, done=self._may_be_done(writes=writes))

    def _document(self, answer: Answer) -> Any:  # noqa: ANN401  # any JSON
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise self._stop(f"{answer.status}, it is {media or 'of no type'}, not application/json")
        try:
            return plain(msgspec.json.decode(answer.body))
        except (msgspec.DecodeError, RecursionError, ValueError) as broken:
            raise self._stop(f"{answer.status}, it is no JSON of Tryton: {broken}") from broken

    def _may_be_done(self, *, writes: bool) -> bool:
        return writes or (self.has_written and self._what == "apply")

    def _stop(self, reason: str, *, done: bool | None = None) -> Stop:
        """Stop; `done` says whether something may have been done, by default by what was written so far."""
        may_be = self._may_be_done(writes=False) if done is None else done
        return Stop((Unknown if may_be else RetryAfter)(reason=reason[:_REASON_MAX]))
