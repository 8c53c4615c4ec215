"""The separators that every interchange is rewritten to before it is looked at.

Whatever separates a partner's files, and whatever characters are released in them: behind the tokenizer a segment is
one text with these control characters between its parts. So one compiled pattern serves all partners, and an element
is its value already. They cannot be data: no standard allows control characters there, and the tokenizers put
`REPLACED` where a file has one.
"""

from __future__ import annotations

from typing import Final

TERMINATOR: Final = "\x1c"
ELEMENT: Final = "\x1d"
REPETITION: Final = "\x1e"
COMPONENT: Final = "\x1f"

# What stands for a control character that a file holds as data; no element may have it.
REPLACED: Final = "\x1a"

# Every control character but the line ends, which the tokenizers look after themselves.
CONTROLS: Final = bytes(code for code in (*range(32), 127) if code not in b"\t\r\n")


def shown(text: str, separators: tuple[str, ...] | None = None) -> str:
    """A canonical text as its sender would write it: `AT7*X3*NS`.

    `separators` are those of the interchange: element, component, segment, repetition.
    """
    element, component, _, repetition = separators[:4] if separators else ("*", ":", "", "^")
    return (
        text.replace(ELEMENT, element or "*")
        .replace(COMPONENT, component or ":")
        .replace(REPETITION, repetition or "^")
    )
