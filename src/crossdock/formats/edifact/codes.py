"""What the common EDIFACT codes mean, in our own words.

A line gives the meanings of codes of one element. Codes of elements in `code_values` are held against the list there;
of the others (which partners may replace by lists of their own) these are only known.
"""

from __future__ import annotations

from typing import Final

MEANINGS: Final = """
0001! UNOA capital letters, digits and some signs | UNOB ASCII | UNOC ISO 8859-1 | UNOD ISO 8859-2 | UNOE ISO 8859-5
 | UNOF ISO 8859-7 | UNOG ISO 8859-3 | UNOH ISO 8859-4 | UNOI ISO 8859-6 | UNOJ ISO 8859-8 | UNOK ISO 8859-9
 | UNOL ISO 8859-15 | UNOX ISO 2022 | UNOY ISO 10646 | UNOW UTF-8 | KECA KS C 5601
0002! 1 first | 2 second | 3 third | 4 fourth
0029! A highest | B lower
0031! 1 wanted | 2 of receipt only
0035! 1 test | 2 syntax test only | 3 echo request | 4 echo response
0073! C first | F last
0081! S summary follows | D detail follows
0083! 1 acknowledged, all that is in it | 2 acknowledged | 3 this level rejected | 4 rejected, all that is in it
 | 5 acknowledged, errors in it | 6 acknowledged, interchange received | 7 acknowledged here, look at what is in it
 | 8 interchange received
0085! 2 syntax version or level not supported | 7 receiver is not us | 12 invalid value | 13 missing
 | 14 value not supported here | 15 not supported here | 16 too many parts | 17 no agreement | 18 unspecified error
 | 19 wrong decimal mark | 20 character no separator may be | 21 invalid characters | 22 invalid separators
 | 23 unknown sender | 24 too old | 25 test not supported | 26 duplicate | 27 security not supported
 | 28 references do not match | 29 count does not match | 30 groups and documents mixed | 31 several kinds in a group
 | 32 lower level empty | 33 outside of a document | 34 indicator not allowed here | 35 too many segment repetitions
 | 36 too many group repetitions | 37 invalid type of characters | 38 no digit before the decimal mark | 39 too long
 | 40 too short | 41 permanent network error | 42 temporary network error | 43 unknown recipient
 | 45 trailing separator | 46 character set not supported | 47 envelope not supported | 48 dependency broken
1001 35 inventory report | 44 status report | 220 purchase order | 230 change of a purchase order
 | 231 answer to a purchase order | 241 delivery schedule | 270 delivery note | 305 application error
 | 312 acknowledgement | 313 application error | 335 booking request | 340 shipping instructions | 351 despatch advice
 | 380 commercial invoice | 381 credit note | 383 debit note | 384 corrected invoice | 385 consolidated invoice
 | 389 self-billed invoice | 393 factored invoice | 481 remittance advice | 610 forwarding instructions
 | 632 goods receipt | 701 universal transport document | 705 bill of lading | 714 house bill of lading
 | 730 road consignment note | 740 air waybill | 770 booking confirmation | 780 freight invoice | 785 cargo manifest
 | 787 consignment summary
1153 AAB proforma invoice | AAJ delivery order | AAK despatch advice | AAM waybill | AAO consignee's reference
 | AAQ unit load device | AAS transport document | AAU despatch note | ACW reference to an earlier message
 | ADE account | AFM secondary customs reference | ALL seal | BM bill of lading | BN booking | CN carrier's reference
 | CR customer's reference | CT contract | CU consignor's reference | DQ delivery note
 | FF freight forwarder's reference | IV invoice | LI line item | MB master bill of lading | ON order
 | PK packing list | PQ payment | SI shipper's reference | SRN shipment | TN transaction | UCN unique consignment
 | VA tax registration | VN supplier's order
1225 1 cancellation | 2 addition | 3 deletion | 4 change | 5 replacement | 6 confirmation | 7 duplicate | 9 original
 | 11 answer | 12 not processed | 13 request | 27 not accepted | 29 accepted without change | 34 accepted with changes
 | 44 accepted without reserves | 45 accepted with reserves | 53 test
2005 2 wanted delivery | 4 order | 10 wanted shipment | 11 despatch | 17 expected delivery | 35 actual delivery
 | 50 goods receipt | 63 latest delivery | 64 earliest delivery | 69 promised delivery | 76 planned delivery
 | 109 cover issued | 132 estimated arrival | 133 estimated departure | 136 actual departure | 137 document
 | 171 reference | 178 actual arrival | 186 actual departure of the transport | 194 start | 200 pick-up of the cargo
 | 206 end | 232 scheduled arrival | 234 earliest collection | 235 latest collection | 263 invoicing period
 | 334 status change | 361 expiry | 366 inventory report
2379 101 YYMMDD | 102 CCYYMMDD | 201 YYMMDDHHMM | 203 CCYYMMDDHHMM | 204 CCYYMMDDHHMMSS | 303 CCYYMMDDHHMMZZZ
 | 304 CCYYMMDDHHMMSSZZZ | 401 HHMM | 610 CCYYMM | 616 CCYYWW | 718 CCYYMMDD-CCYYMMDD | 719 CCYYMMDDHHMM-CCYYMMDDHHMM
 | 804 days
3035 BY buyer | CA carrier | CN consignee | CZ consignor | DP delivery party | FW freight forwarder
 | GM inventory controller | II issuer of the invoice | IV invoicee | MR message recipient | MS message sender
 | NI notify party | OB ordered by | PE payee | PR payer | SE seller | SF ship from | ST ship to | SU supplier
 | UC ultimate consignee | WH warehouse keeper
3055 5 ISO | 6 UN/ECE | 9 GS1 | 10 ODETTE | 16 DUNS | 20 BIC | 86 assigned by the sender of the message
 | 91 assigned by the seller | 92 assigned by the buyer | 182 SCAC | ZZZ mutually defined
3139 AH coordination | IC information | OC order contact | PD purchasing | SH shipping contact | SR sales contact
3155 EM electronic mail | FX telefax | TE telephone
3227 1 place of terms of delivery | 5 place of departure | 7 place of delivery | 8 place of destination
 | 9 port of loading | 10 place of acceptance | 11 port of discharge | 13 place of transhipment | 14 location of goods
 | 18 warehouse | 20 place of ultimate destination | 35 exportation country | 36 destination country
 | 88 place of receipt | 92 routing | 125 last port of call | 175 activity location | 198 original location
4451 AAA goods description | AAI general information | ABS status details | AAO error description
 | CHG change information | COI order information | DEL delivery information | DIN delivery instructions
 | ICN information for the consignee | INV invoice instruction | PUR purchasing information
 | TRA transportation information | ZZZ mutually defined
5025 8 allowance or charge | 9 amount due | 11 paid in advance | 12 discount | 38 invoice item | 39 invoice total
 | 52 discount | 64 freight | 66 goods item total | 77 invoice amount | 79 total of line items
 | 86 total of the message | 113 prepaid | 124 tax | 125 taxable | 128 total | 131 total of charges and allowances
 | 176 total of duty, tax and fee | 203 line item
5125 AAA net | AAB gross | CAL calculation | INF information | INV invoice
5245 1 allowance | 2 charge | 3 allowance or charge | 7 discount | 12 discount
5283 5 duty | 6 fee | 7 tax
5305 E exempt | H higher rate | S standard rate | Z zero rated
5463 A allowance | C charge | N neither
6063 1 discrete | 3 charged | 12 despatched | 21 ordered | 46 delivered | 47 invoiced | 48 received | 52 per pack
 | 59 consumer units in a traded unit | 124 damaged | 145 actual stock | 156 scheduled | 185 shortage | 192 free goods
 | 194 received and accepted | 195 received and not accepted
6069 1 total of quantities | 2 number of line items | 7 total gross weight | 10 number of consignments
 | 11 number of packages | 15 total volume | 16 number of equipment
6311 AAE measured | CT counts | DEN density | PD physical dimensions | VOL volume | WT weights
6313 AAA net weight | AAB gross weight | AAC total net weight | AAD total gross weight | ABJ volume | G gross weight
6347 1 charge payment | 2 reference | 3 target | 4 transport document
7075 1 inner | 2 intermediate | 3 outer
7077 A long text | B code and text | C code | F free text
7143 BP buyer's | EN GTIN | EU EAN | GN product group | IN buyer's | MF manufacturer's | SA supplier's | SRV GTIN
 | UP UPC
7405 BJ SSCC | BN serial number | BX batch | ML marking | SRV SSCC
8051 1 inland | 10 pre-carriage | 11 at the border | 20 main carriage | 25 delivery | 30 on-carriage
8053 BX boxcar | CH chassis | CN container | EFP exchangeable EUR flat pallet | PA pallet | RR rail car | SW swap body
 | TE trailer | UL air unit load device
8067 1 sea | 2 rail | 3 road | 4 air | 5 mail | 6 multimodal | 7 fixed installation | 8 inland water | 9 not known
8169 4 empty | 5 full
8249 2 export | 3 import | 6 transhipment
8273 ADR road | CFR United States rules | IMD sea | RID rail | ICA air
9011 1 arrival, completed | 3 booked | 13 collected | 21 delivered | 24 departed | 31 in transit | 48 loaded
4405 1 arrival, completed | 13 collected | 21 delivered | 24 departed | 31 in transit | 48 loaded
9015 1 transport | 2 customs | 3 equipment
"""
