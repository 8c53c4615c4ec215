"""The X12 segments of warehouses: shipping orders, receipts, adjustments.

`...` ends a row whose further elements are taken as they come.
"""

from __future__ import annotations

from typing import Final

SEGMENTS: Final = """
G08 count of the receipt | ...
G66 transport instructions | ...
G69 description | 369!
G72 allowance or charge | ...
W01 ordered item | 330! 355! 438 235 234 235 234 59 121 23 22 416 451 286 235 234 560
 | R0304 P0405 P0607 P1011 P1516
W03 total shipped | 382! 81 355 183 355 382 355 | P0203 P0405 P0607
W04 item to be received | 382! 355! 438 235 234 235 234 59 121 23 22 416 844 235 234 | R0304 P0405 P0607 P1011 P1415
W05 shipping order | 473! 285! 324 472 474 ...
W06 shipment | 514! 285! 373! 145 531 324 474 472 152 891 640 306 | P0708
W07 received item | 413! 355! 438 235 234 235 234 451 893 235 234 | R0304 P0405 P0607 P1011
W08 carrier of the receipt | 91! 140 387 206 207 225 225 407 400 | R0204 P0405
W10 further carrier information | 400 ...
W12 shipped item | 368! 330 382 383 355 438 235 234 451 81 187 188 81 187 188 438 235 234 892 893 235 234
 | R0607 P0708 P101112 P131415 P1718 P2122
W13 exception of the receipt | 380! 355! 412! 451 893
W14 total received | 413! 382 414 415 ...
W15 adjustment | 373! 420 421 ...
W17 receipt | 514! 373! 394! 285! 145 176 337 474 472 | P0607 P0809
W18 further receipt information | ...
W19 adjusted item | 411! 425! 355! 438 235 234 235 234 451 ... | R0405 P0506 P0708
W20 packing | 356! 357 355 81 187 188 395 183 355 397 | P0203 P040506 P0809
W27 carrier | 91! 140 387 146 40 206 207 368 152 890 | R0203
W28 consolidation | ...
W6 special handling | ...
W66 carrier instruction | 146! 91! 399 400 387 433 434 625 610 140 | P0809
W76 total ordered | 330! 81 355 183 355 398 | P0203 P0405 C0603
"""
