"""Reference data as a plan sees it: dated records, and a memory of what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar, cast

from crossdock.model.event import Reference

R = TypeVar("R", bound=Reference)

Records = Mapping[str, list[Reference]]
"""By `type/natural key`: the records of one thing, latest `valid_from` first; an empty list is a known absence."""


class NotLoaded(LookupError):
    """A plan asked for records that were not read yet. The engine reads them and asks the plan again."""

    def __init__(self, key: str) -> None:
        """`key` as in `Records`."""
        super().__init__(key)
        self.key = key


class Book:
    """What one plan may look up. `uses` collects every key asked for, found or not."""

    def __init__(self, records: Records) -> None:
        """`records` may be partial: see `NotLoaded`."""
        self._records = records
        self.uses: set[str] = set()

    def get(self, of: type[R], key: str, on: date) -> R | None:
        """The record that was in force on a day, or `None`: a missing record is a work item, never a zero."""
        name = f"{of.type}/{key}"
        self.uses.add(name)
        records = self._records.get(name)
        if records is None:
            raise NotLoaded(name)
        return next((cast("R", record) for record in records if record.valid_from <= on), None)
