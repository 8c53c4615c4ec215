"""X12 code lists with meanings in our own words.

A list whose number ends with `!` is closed: no other code may stand there. The others are the codes we can explain;
the standard has more, and partners have their own.
"""

from __future__ import annotations

from typing import Final

# Element 623. What a time of day is relative to; `xT` follows daylight saving, `xS` and `xD` do not.
TIME_CODES: Final = {
    **{f"{hours:02}": f"UTC+{hours}" for hours in range(1, 13)},
    **{f"{hours:02}": f"UTC-{25 - hours}" for hours in range(13, 25)},
    "AD": "Alaska daylight",
    "AS": "Alaska standard",
    "AT": "Alaska",
    "CD": "Central daylight",
    "CS": "Central standard",
    "CT": "Central",
    "ED": "Eastern daylight",
    "ES": "Eastern standard",
    "ET": "Eastern",
    "GM": "Greenwich",
    "HD": "Hawaii-Aleutian daylight",
    "HS": "Hawaii-Aleutian standard",
    "HT": "Hawaii-Aleutian",
    "LT": "local to the place of the event",
    "MD": "Mountain daylight",
    "MS": "Mountain standard",
    "MT": "Mountain",
    "ND": "Newfoundland daylight",
    "NS": "Newfoundland standard",
    "NT": "Newfoundland",
    "PD": "Pacific daylight",
    "PS": "Pacific standard",
    "PT": "Pacific",
    "TD": "Atlantic daylight",
    "TS": "Atlantic standard",
    "TT": "Atlantic",
    "UT": "UTC",
}

CODES: Final = (
    "623! " + " | ".join(f"{code} {meaning}" for code, meaning in TIME_CODES.items()),
    """
I01 00 none | 01 UCS | 02 EDX | 03 further data | 04 rail | 05 defence | 06 federal | 07 government | 08 temporary
I03! 00 none | 01 password
I05 01 DUNS | 02 SCAC | 08 UCC | 09 X.121 | 12 phone | 14 DUNS and suffix | 16 DUNS and four | 20 HIN | 30 tax number
 | ZZ mutually defined
I13! 0 no | 1 yes | 2 only if in error | 3 only if in error
I14! P production | T test | I information
I17! A accepted | E accepted with errors | R rejected
I18 000 no error | 001 control numbers differ | 002 unknown standard | 003 unknown version | 004 bad terminator
 | 005 bad sender qualifier | 006 bad sender | 007 bad receiver qualifier | 008 bad receiver | 009 unknown receiver
 | 010 bad authorization qualifier | 011 bad authorization | 012 bad security qualifier | 013 bad security
 | 014 bad date | 015 bad time | 016 bad standards identifier | 017 bad version | 018 bad control number
 | 019 bad acknowledgement request | 020 bad usage | 021 bad number of groups | 022 bad control structure
 | 023 ends too early | 024 bad content | 025 duplicate control number | 026 bad element separator
 | 027 bad component separator
455! X accredited standard | T transport data committee
715! A accepted | E accepted with errors | M rejected, authentication | P partly accepted | R rejected
 | W rejected, assurance | X rejected, undecryptable
717! A accepted | E accepted with errors | M rejected, authentication | R rejected | W rejected, assurance
 | X rejected, undecryptable
716 1 group not supported | 2 version not supported | 3 trailer missing | 4 control numbers differ | 5 wrong count
 | 6 control number breaks its syntax
718 1 set not supported | 2 trailer missing | 3 control numbers differ | 4 wrong count | 5 segments in error
 | 6 bad set | 7 bad control number
618 1 set not supported | 2 trailer missing | 3 control numbers differ | 4 wrong count | 5 segments in error
 | 6 bad set | 7 bad control number | I5 guide: segments in error
720 1 unknown segment | 2 unexpected | 3 mandatory missing | 4 loop too often | 5 segment too often | 6 not in the set
 | 7 out of order | 8 elements in error
620 1 unknown segment | 2 unexpected | 3 mandatory missing | 4 loop too often | 5 segment too often | 6 not in the set
 | 7 out of order | 8 elements in error | I4 guide: not used segment | I6 guide: missing segment
 | I7 guide: loop too rare
723 1 mandatory missing | 2 conditional missing | 3 too many | 4 too short | 5 too long | 6 bad character | 7 bad code
 | 8 bad date | 9 bad time | 10 exclusion violated
621 1 mandatory missing | 2 conditional missing | 3 too many | 4 too short | 5 too long | 6 bad character | 7 bad code
 | 8 bad date | 9 bad time | 10 exclusion violated | 12 too many repetitions | 13 too many components
 | I10 guide: not used | I11 guide: missing | I12 guide: bad pattern | I13 guide: code not used
110 TA whole document accepted | TC accepted with changes | TE accepted with errors | TP partly accepted
 | TR whole document rejected | IA item accepted | IC item accepted with changes | IE item accepted with errors
 | IR item rejected | BA batch accepted | BR batch rejected | GA group accepted | GR group rejected
647 006 duplicate | 007 missing | 010 total out of balance | 011 not matching | 024 other reason | 106 bad reference
353 00 original | 01 cancelled | 02 add | 03 deleted | 04 change | 05 replace | 06 confirmation | 07 duplicate
 | 11 answer
 | 12 not processed | 13 request | 14 advance notification | 18 reissue | 22 information copy
""",
    """
1650 A3 returned to shipper | A7 refused by consignee | A9 damaged | AF departed pick-up with shipment
 | AG estimated delivery | AH attempted delivery | AI reconsigned | AJ tendered for delivery | AM loaded on truck
 | AP delivery not completed | AR rail arrival at destination ramp | AV available for delivery
 | B6 estimated arrival at carrier terminal | BA connecting line or cartage pick-up | BC storage in transit
 | C1 estimated departure from terminal | CA cancelled | CD departed delivery location | CL trailer closed out
 | CP loading completed | D1 unloading completed, delivered | I1 in-gate | J1 delivered to connecting line
 | K1 arrived at customs | OA out-gate | OO paperwork received, no shipment | P1 departed terminal | PR customs hold
 | R1 received from prior carrier | RL rail departure from origin ramp | S1 trailer spotted at consignee | SD delayed
 | X1 arrived at delivery location | X2 estimated arrival at consignee | X3 arrived at pick-up
 | X4 arrived at terminal
 | X5 arrived at delivery dock | X6 en route to delivery | X8 arrived at pick-up dock | XB shipment acknowledged
1651 A1 missed delivery | A2 incorrect address | AF accident | AG consignee related | AH driver related
 | AI mechanical breakdown | AJ other carrier related | AL previous stop | AM shipper related | AN holiday
 | AO weather or natural disaster | AY missed pick-up | B1 consignee closed | BB held per shipper
 | BC missing documents
 | BG other | BS refused by customer | BT returned to shipper | C6 waiting for shipping instructions
 | D1 carrier dispatch error | D2 driver not available | NS normal | NA normal appointment
1652 AA pick-up appointment | AB delivery appointment | X9 delivery appointment secured
146 11 rule 11 | BP paid by buyer | CC collect | CD collect on delivery | CF collect, credited | DE per contract
 | DF defined by buyer and seller | MX mixed | NC no charge | PB customer pick-up | PC prepaid, charged to customer
 | PO prepaid only | PP prepaid by seller | TP third party pays
558 A accepted | B conditionally accepted | C counter proposal | D cancelled or declined | <005010 R delete
 | N new | U change | @005010 E declined | @005010 R delete
163 CL complete | CN consolidate | CU complete unload | DR drop trailer | DT drop trailer, unload | LD load
 | PA pick up pre-loaded
 | PL part load | PU part unload | TL transload | UL unload
368 BP partial, back order to ship | CC shipment complete | CL complete | CM complete with additional quantity
 | CP partial, no back order | CS complete with substitution | DE deleted order | DS out of stock | IC item cancelled
 | LS last shipment | PR partial shipment | SS split shipment
673 01 discrete | 02 cumulative | 12 ship notice | 17 on hand | 20 unusable | 26 total inventory | 27 committed
 | 29 projected available | 33 available for sale | 34 noncommitted on shelf | 37 work in process | 38 original
 | 39 shipped | QA available for shipment
98 BT bill to | BY buyer | CA carrier | CN consignee | DE depositor | FW forwarder | N1 notify party
 | OB ordered by | PE payee
 | PR payer | RE remit to | RI remit to | SE seller | SF ship from | SH shipper | SO sold to | ST ship to
 | SU supplier
 | VN vendor | WH warehouse
66 1 DUNS | 2 SCAC | 9 DUNS and four | 25 carrier's customer code | 91 by the seller | 92 by the buyer
 | 93 by the sender
 | 94 by the receiver | UL GLN | ZZ mutually defined
735 D product | F component | I item | L load | O order | P pack | S shipment | T tare | V vehicle
736! 0 no levels below | 1 levels below
187 A1 dimensional | A3 shipped | B billed | E estimated | G gross | N actual net | T tare
188 A one load | E metric ton | G gram | K kilogram | L pound | M measurement ton | O ounce | S short ton
 | T long ton | X metric
374 002 requested delivery | 003 invoice | 004 order | 010 requested ship | 011 shipped | 017 estimated delivery
 | 035 delivered | 036 expiry | 067 current schedule delivery | 068 current schedule ship | 137 document
 | 139 estimated | 140 actual
432 02 requested delivery | 10 requested ship | 11 shipped | 17 estimated delivery | 35 delivered | 37 not before
 | 38 not after
 | 64 must respond by | 69 scheduled pick-up | 70 scheduled delivery | 86 actual pick-up
248! A allowance | C charge | N no allowance or charge | P promotion | Q charge request | R allowance request
 | S service
478! C credit | D debit
1073! N no | U unknown | W not applicable | Y yes
33 D damaged | L shortage | O overage | P refused | S shortage of shipment | T torn
306 1 to be acknowledged | 2 change | D delete | N none | R reject | WQ accept | RU return | U reject
473 C cancelled | F cancelled | N original | R replacement
514 D delivered | F full | N original | P partial | R replacement | S shipment | U update
""",
)
