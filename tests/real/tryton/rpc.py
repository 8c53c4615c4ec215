"""A person's own way into a Tryton: JSON-RPC with a session, for setting one up and for reading its books in tests.

It shares no code with the connectors, so that a test's reading of the books can be wrong only by itself.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from datetime import date
from decimal import Decimal
from typing import Any

TIMEOUT_SECONDS = 300


class Refused(RuntimeError):
    """Tryton did not do it; the message is what it answered."""


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(f"{value!r} has no form on this wire")


def _decode(value: dict[str, Any]) -> Any:
    if value.get("__class__") == "Decimal":
        return Decimal(value["decimal"])
    if value.get("__class__") == "date":
        return date(value["year"], value["month"], value["day"])
    return value


class Person:
    """Somebody signed in to one database of a Tryton."""

    def __init__(self, address: str, database: str, user: str, password: str) -> None:
        self._url = f"{address}/{database}/rpc/"
        self._session = ""
        self.context: dict[str, Any] = {}
        number, token, *_ = self.call("common.db.login", user, {"password": password})
        self._session = "Session " + base64.b64encode(f"{user}:{number}:{token}".encode()).decode()
        self.number = number

    def call(self, method: str, *parameters: Any) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": parameters}, default=_encode).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        if self._session:
            request.add_header("Authorization", self._session)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                told = json.load(answer, object_hook=_decode)
        except urllib.error.HTTPError as refused:
            raise Refused(f"{method}: {refused.code} {refused.read(2_000).decode(errors='replace')}") from refused
        if isinstance(told, dict) and told.get("error"):
            raise Refused(f"{method}: {str(told['error'])[:2_000]}")
        return told["result"] if isinstance(told, dict) else told

    def model(self, name: str, method: str, *parameters: Any, **context: Any) -> Any:
        """Call a method of a model."""
        return self.call(f"model.{name}.{method}", *parameters, self.context | context)

    def make(self, model: str, **values: Any) -> int:
        """Create one record."""
        created: list[int] = self.model(model, "create", [values])
        return created[0]

    def change(self, model: str, record: int, **values: Any) -> None:
        """Write one record."""
        self.model(model, "write", [record], values)

    def press(self, model: str, button: str, *records: int, **context: Any) -> None:
        """Press a button on records."""
        self.model(model, button, list(records), **context)

    def rows(self, model: str, domain: list[Any], fields: list[str], order: Any = None) -> list[dict[str, Any]]:
        """All records of a domain."""
        found: list[dict[str, Any]] = self.model(model, "search_read", domain, 0, None, order, fields)
        return found

    def one(self, model: str, *domain: Any) -> int:
        """The id of the one record of a domain."""
        found: list[int] = self.model(model, "search", list(domain), 0, 2, None)
        if len(found) != 1:
            raise Refused(f"{len(found)} records of {model} with {domain}")
        return found[0]

    def wizard(self, name: str, steps: list[tuple[str, dict[str, Any], str]], **context: Any) -> Any:
        """Go through a wizard: (form, its values, the state to go to) for each step; what the last one gives."""
        session, *_ = self.call(f"wizard.{name}.create", self.context | context)
        told = None
        for form, values, state in steps:
            data = {form: values} if form else {}
            told = self.call(f"wizard.{name}.execute", session, data, state, self.context | context)
        self.call(f"wizard.{name}.delete", session, self.context | context)
        return told
