"""Events made of a message that was found clean as a whole: their texts need no look at each character again.

Looking at every identifier by its pattern is a fifth of the cost of reading a message. Where a message has no character
but printable ASCII and no escape, no value of it can have another: lengths and code patterns are still checked.
"""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, TypeVar, cast

import msgspec
from msgspec import Meta, structs

from crossdock.model.types import IDENTIFIER_PATTERN, TEXT_PATTERN

_CLEAN: Final = frozenset({IDENTIFIER_PATTERN, TEXT_PATTERN})


def is_clean(raw: bytes) -> bool:
    """Can no text of this JSON hold anything but printable ASCII? Control characters in a text must be escaped."""
    return raw.isascii() and b"\\" not in raw and b"\x7f" not in raw


S = TypeVar("S", bound=msgspec.Struct)

Hint: TypeAlias = Any
"""A type annotation of the model, or a note of one."""


@cache
def loosened(struct: type[S]) -> type[S]:
    """The struct, but that identifiers and texts are taken to consist of printable ASCII."""
    hints = typing.get_type_hints(struct, include_extras=True)
    looser = {name: _loose(hints[name]) for name in struct.__struct_fields__}
    if looser == {name: hints[name] for name in struct.__struct_fields__}:
        return struct
    fields: list[Any] = []
    for field in structs.fields(struct):
        if field.required:
            fields.append((field.name, looser[field.name]))
        else:
            default = (
                field.default
                if field.default_factory is msgspec.NODEFAULT
                else msgspec.field(default_factory=field.default_factory)
            )
            fields.append((field.name, looser[field.name], default))
    made = msgspec.defstruct(
        struct.__name__, fields, bases=(struct,), module=struct.__module__, frozen=True, kw_only=True,
        forbid_unknown_fields=True,
    )  # fmt: skip
    return cast("type[S]", made)


def _loose(hint: Hint) -> Hint:
    origin: Hint = typing.get_origin(hint)
    arguments: tuple[Hint, ...] = typing.get_args(hint)
    if origin is Annotated:
        return Annotated[(_loose(arguments[0]), *map(_without_pattern, arguments[1:]))]
    if origin is list:
        return types.GenericAlias(list, (_loose(arguments[0]),))
    if origin in (types.UnionType, typing.Union):
        return typing.Union[tuple(map(_loose, arguments))]  # noqa: UP007  # of a tuple
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return loosened(hint)
    return hint


def _without_pattern(note: Hint) -> Hint:
    if isinstance(note, Meta) and note.pattern in _CLEAN:
        return Meta(min_length=note.min_length, max_length=note.max_length, description=note.description)
    return note
