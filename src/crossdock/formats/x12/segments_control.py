"""The X12 segments of envelopes and acknowledgements: places and conditions in our own tables."""

from __future__ import annotations

from typing import Final

SEGMENTS: Final = """
ISA interchange header | I01! I02! I03! I04! I05! I06! I05! I07! I08! I09! I10! I11! I12! I13! I14! I15!
IEA interchange trailer | I16! I12!
ISB grade of service | ...
ISE deferred delivery | ...
TA1 interchange acknowledgement | I12! I08! I09! I17! I18!
TA3 delivery notice | ...
GS group header | 479! 142! 124! G373! 337! 28! 455! 480!
GE group trailer | 97! 28!
ST document header | 143! 329! 1705@005010
SE document trailer | 96! 329!
AK1 acknowledged group | 479! 28! 480@005010
AK2 acknowledged document | 143! 329! 1705@005010
AK3 segment in error | 721! 719! 447 720 720 720 720 720
AK4 element in error | C030! 725 723! 724
AK5 answer to the document | 717! 718 718 718 718 718
AK9 answer to the group | 715! 97! 123! 2! 716 716 716 716 716
IK3 segment in error | 721! 719! 447 620
IK4 element in error | C030! 725 621! 724
IK5 answer to the document | 717! 618 618 618 618 618
CTX context | C998!^10 721 719 447 C030 C999
BGN beginning | 353! 127! 373! 337 623 127 640 306 786 | C0504
OTI acknowledged document | 110! 128! 127! 142 124 373 337 28 329 143 480 353 640 346 306 305 641 | C0908
TED application error | 647! 3 721 719 722 725 724 961
RED related data | 352! 1609 559 822 1270 1271
"""

COMPOSITES: Final = """
C001 unit of measure | 355! 1018 649 355 1018 649 355 1018 649 355 1018 649 355 1018 649
C030 position in the segment | 722! 1528 1686@005010
C040 further reference | 128! 127! 128 127 128 127 | P0304 P0506
C998 context | 9999! 9998
C999 reference in the segment | 725! 725
"""
