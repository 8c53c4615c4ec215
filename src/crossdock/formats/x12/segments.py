"""The segments shared by the transport sets, release 004010: ids, types, lengths and conditions.

Structure only, in our own tables; the standard's text is X12's. A segment written `Segment(id, open=True)` is
recognised in its place and its elements are taken as they come.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats.x12.grammar import Segment, segment

AT5: Final = Segment("AT5", open=True)
AT7: Final = segment(
    "AT7", "1650 ID 2", "1651 ID 2", "1652 ID 2", "1651 ID 2", "373 DT 8", "337 TM 4-8", "623 ID 2",
    rules="P0102 E0103 P0304 C0605 C0706",
)  # fmt: skip
AT8: Final = segment(
    "AT8", "187 ID 1-2", "188 ID 1", "81 R 1-10", "80 N0 1-7", "80 N0 1-7", "184 ID 1", "183 R 1-8",
    rules="P010203 P0607",
)  # fmt: skip
B10: Final = segment(
    "B10", "127 AN 1-30", "145 AN 1-30", "140 ID 2-4 M", "71 N0 1-3", "128 ID 2-3", "127 AN 1-30", "1073 ID 1",
    rules="R0106 P0506",
)  # fmt: skip
B3: Final = segment(
    "B3", "147 ID 1", "76 AN 1-22 M", "145 AN 1-30", "146 ID 2 M", "188 ID 1", "373 DT 8 M", "193 N2 1-12 M",
    "202 ID 2", "32 DT 8", "374 ID 3", "140 ID 2-4 M", "373 DT 8", "375 ID 2-3", "335 ID 2",
    rules="P0910",
)  # fmt: skip
C2: Final = Segment("C2", open=True)
C3: Final = segment("C3", "100 ID 3 M", "280 R 4-10", "100 ID 3", "100 ID 3")
CD3: Final = Segment("CD3", open=True)
G62: Final = segment(
    "G62", "432 ID 2", "373 DT 8", "176 ID 1-2", "337 TM 4-8", "623 ID 2", rules="R0103 P0102 P0304"
)  # fmt: skip
H1: Final = Segment("H1", open=True)
H2: Final = Segment("H2", open=True)
H3: Final = Segment("H3", open=True)
ITD: Final = Segment("ITD", open=True)
K1: Final = segment("K1", "61 AN 1-30 M", "61 AN 1-30")
L0: Final = segment(
    "L0", "213 N0 1-3", "220 R 1-11", "221 ID 2", "81 R 1-10", "187 ID 1-2", "183 R 1-8", "184 ID 1", "80 N0 1-7",
    "211 ID 3-5", "458 AN 2-25", "188 ID 1", "56 ID 2", "380 R 1-15", "211 ID 3-5", "1073 ID 1",
    rules="P0203 P0405 P0607 P0809 C1104",
)  # fmt: skip
L1: Final = segment(
    "L1", "213 N0 1-3", "60 R 1-9", "122 ID 2", "58 N2 1-12", "191 N2 1-9", "117 N2 1-9", "120 AN 3-9", "150 ID 3",
    "121 ID 1", "39 ID 1", "16 ID 1", "276 AN 2-25", "257 ID 1", "74 N2 2-12", "122 ID 2", "372 ID 2", "220 R 1-11",
    "221 ID 2", "954 R 1-10", "100 ID 3", "610 N2 1-15",
    rules="P0203 R040506 P1415 P1718",
)  # fmt: skip
L3: Final = segment(
    "L3", "81 R 1-10", "187 ID 1-2", "60 R 1-9", "122 ID 2", "58 N2 1-12", "191 N2 1-9", "117 N2 1-9", "150 ID 3",
    "183 R 1-8", "184 ID 1", "80 N0 1-7", "188 ID 1", "171 ID 3-7", "74 N2 2-12", "122 ID 2",
    rules="P0102 P0304 P0910 C1201 P1415",
)  # fmt: skip
L4: Final = Segment("L4", open=True)
L5: Final = segment(
    "L5", "213 N0 1-3", "79 AN 1-50", "22 AN 1-30", "23 ID 1", "103 AN 3-5", "87 AN 1-48", "88 ID 1-2", "23 ID 1",
    "22 AN 1-30", "595 AN 1-8",
    rules="P0304 C0706 P0809",
)  # fmt: skip
L7: Final = Segment("L7", open=True)
L11: Final = segment("L11", "127 AN 1-30", "128 ID 2-3", "352 AN 1-80", rules="R0103 P0102")
LX: Final = segment("LX", "554 N0 1-6 M")
M7: Final = segment("M7", "225 AN 2-15 M", "225 AN 2-15", "225 AN 2-15", "225 AN 2-15", "98 ID 2-3")
MAN: Final = segment(
    "MAN", "88 ID 1-2 M", "87 AN 1-48 M", "87 AN 1-48", "88 ID 1-2", "87 AN 1-48", "87 AN 1-48", rules="P0405 C0605"
)  # fmt: skip
MS1: Final = segment(
    "MS1", "19 AN 2-30", "156 ID 2", "26 ID 2-3", "1654 ID 7", "1655 ID 7", "1280 ID 1", "1280 ID 1", "116 ID 3-15",
    rules="L010203 E0104 C0201 C0301 P0405 C0604 C0705",
)  # fmt: skip
MS2: Final = segment("MS2", "140 ID 2-4", "207 AN 1-10", "40 ID 2", "761 N0 1", rules="P0102 C0302 C0402")
MS3: Final = segment("MS3", "140 ID 2-4 M", "133 ID 1-2 M", "19 AN 2-30", "91 ID 1-2", "156 ID 2", rules="C0503")
N1: Final = segment(
    "N1", "98 ID 2-3 M", "93 AN 1-60", "66 ID 1-2", "67 AN 2-80", "706 ID 2", "98 ID 2-3", rules="R0203 P0304"
)  # fmt: skip
N2: Final = segment("N2", "93 AN 1-60 M", "93 AN 1-60")
N3: Final = segment("N3", "166 AN 1-55 M", "166 AN 1-55")
N4: Final = segment(
    "N4", "19 AN 2-30", "156 ID 2", "116 ID 3-15", "26 ID 2-3", "309 ID 1-2", "310 AN 1-30", rules="C0605"
)  # fmt: skip
N7: Final = Segment("N7", open=True)
N9: Final = segment(
    "N9", "128 ID 2-3 M", "127 AN 1-30", "369 AN 1-45", "373 DT 8", "337 TM 4-8", "623 ID 2", rules="R0203 C0605"
)  # fmt: skip
POD: Final = segment("POD", "373 DT 8 M", "337 TM 4-8", "1036 AN 2-35 M")
PRF: Final = Segment("PRF", open=True)
Q7: Final = segment("Q7", "33 ID 1 M", "211 ID 3-5", "80 N0 1-7", rules="P0203")
R3: Final = Segment("R3", open=True)
S5: Final = segment(
    "S5", "165 N0 1-3 M", "163 ID 2 M", "81 R 1-10", "188 ID 1", "382 R 1-10", "355 ID 2", "183 R 1-8", "184 ID 1",
    "352 AN 1-80", "154 ID 1-2", "190 ID 1",
    rules="P0304 P0506 P0708",
)  # fmt: skip
SDQ: Final = Segment("SDQ", open=True)
SPO: Final = Segment("SPO", open=True)
