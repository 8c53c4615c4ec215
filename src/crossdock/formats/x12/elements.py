"""The X12 data dictionary: number, type, length and a meaning in our own words.

Release 004010, and what changed since (`@005010`). Dates had six digits before 004010.
"""

from __future__ import annotations

from typing import Final

ELEMENTS: Final = """
I01 ID 2 authorization qualifier; I02 AN 10 authorization; I03 ID 2 security qualifier; I04 AN 10 security;
I05 ID 2 identification qualifier; I06 AN 15 interchange sender; I07 AN 15 interchange receiver;
I08 DT 6 interchange date; I09 TM 4 interchange time; I10 AN 1 standards identifier or repetition separator;
I11 ID 5 interchange version; I12 N0 9 interchange control number; I13 ID 1 acknowledgement requested; I14 ID 1 usage;
I15 AN 1 component separator; I16 N0 1-5 number of groups; I17 ID 1 interchange acknowledgement;
I18 ID 3 interchange note; 2 N0 1-6 number of accepted documents; 3 AN 1-60 text; 16 ID 1 prepaid or collect;
19 AN 2-30 city; 22 AN 1-30 commodity code; 23 ID 1 commodity qualifier; 24 ID 4 equipment type; 26 ID 2-3 country;
28 N0 1-9 group control number; 30 ID 1-2 disposition; 32 DT 6 delivery date @004010 DT 8; 33 ID 1 lading exception;
39 ID 1 charge method; 40 ID 2 equipment description; 46 N0 4 tariff increase; 54 ID 2 risk of loss; 55 AN 2-10 voyage;
56 ID 2 service; 58 N2 1-12 charge; 59 AN 2-5 freight class; 60 R 1-9 freight rate; 61 AN 1-30 free text;
62 AN 4-10 hazardous material code; 63 AN 1-24 hazardous material contact; 64 AN 2-30 hazardous material;
65 R 1-8 height; 66 ID 1-2 identification qualifier; 67 AN 2-80 identification; 71 N0 1-3 inquiry number;
74 N2 2-12 declared value; 76 AN 1-22 invoice number; 77 N0 1-3 flash point; 79 AN 1-50 lading description;
80 N0 1-7 lading quantity; 81 R 1-10 weight; 82 R 1-8 length; 86 N0 1-3 number of equipment; 87 AN 1-48 marks;
88 ID 1-2 marks qualifier; 90 ID 1 measurement unit; 91 ID 1-2 transport mode; 92 ID 2 order type; 93 AN 1-60 name;
95 N0 1-4 number of containers; 96 N0 1-10 number of segments; 97 N0 1-6 number of documents; 98 ID 2-3 party role;
100 ID 3 currency; 102 ID 1 ownership; 103 AN 3-5 packaging; 106 AN 1-25 event description; 107 ID 1 payment method;
110 ID 1-2 application acknowledgement; 113 AN 1-4 pier; 114 AN 2-24 port; 115 ID 1 port function;
116 AN 3-15 postal code; 117 N2 1-9 prepaid amount; 118 R 1-9 rate; 119 N0 1-6 rate basis;
120 AN 3-9 rate combination point; 121 ID 1 rate class; 122 ID 2 rate qualifier;
123 N0 1-6 number of received documents; 124 AN 2-15 application receiver; 127 AN 1-30 reference @005010 AN 1-50;
128 ID 2-3 reference qualifier; 133 ID 1-2 routing sequence; 140 ID 2-4 carrier code (SCAC);
142 AN 2-15 application sender; 143 ID 3 document type; 145 AN 1-30 shipment number; 146 ID 2 freight payment method;
147 ID 1 shipment qualifier; 150 ID 3 special charge; 151 AN 1-20 authority; 152 ID 2-3 special handling;
153 AN 2-30 special handling description; 154 ID 1-9 standard point location; 156 ID 2 state or province;
157 ID 1-2 shipment status; 159 AN 3-5 status location; 161 TM 4-8 status time; 163 ID 2 stop reason;
165 N0 1-3 stop number; 166 AN 1-55 address; 167 N0 3-8 tare weight; 168 AN 1-4 tariff agency;
169 AN 1-7 tariff number; 170 AN 1-2 tariff section; 171 AN 1-16 tariff item number; 172 ID 1 tariff item part;
173 AN 1-4 tariff supplement; 174 AN 2-30 terminal; 176 ID 1-2 time qualifier; 182 AN 2-28 vessel; 183 R 1-8 volume;
184 ID 1 volume unit; 187 ID 1-2 weight qualifier; 188 ID 1 weight unit; 189 R 1-8 width; 190 ID 1 reason of the stop;
191 N2 1-9 advance; 193 N2 1-12 net amount due; 200 AN 1-6 hazardous material page; 202 ID 2 correction;
205 N0 1-8 dunnage; 206 AN 1-4 equipment initial; 207 AN 1-10 equipment number; 208 ID 1 hazardous code qualifier;
209 AN 1-4 hazard class; 211 ID 3-5 packaging form; 212 R 1-17 unit price; 213 N0 1-3 lading line item;
215 ID 1-2 hazard classification; 218 AN 1-14 hazardous placard; 219 ID 1-2 position;
220 R 1-11 billed or rated quantity; 221 ID 2 billed or rated as; 222 AN 1-25 hazard endorsement;
224 AN 1-25 shipping name; 225 AN 2-15 seal number; 227 ID 1-2 tariff applied; 232 N0 2-8 weight allowance;
234 AN 1-48 product id @005010 AN 1-80; 235 ID 2 product id qualifier; 236 ID 3 price; 241 ID 1 protective service;
242 ID 1 vent instruction; 246 AN 1-4 certification clause; 247 AN 2-60 certification text;
248 ID 1 allowance or charge; 249 ID 1 vessel requirement; 254 ID 1-3 packing group; 257 ID 1 account description;
267 R 1-15 allowable quantity; 274 AN 1-48 hazardous material; 276 AN 2-25 special charge description;
277 ID 1 hazard id qualifier; 280 R 4-10 exchange rate; 284 ID 2 service level; 285 AN 1-22 depositor order number;
286 R 1-15 variance; 289 N0 1-2 quantity of the price; 294 AN 1-2 tariff column; 295 N0 1-5 tariff distance;
301 AN 1-12 chassis type; 304 ID 3 event; 305 ID 1-2 transaction handling; 306 ID 1-2 action;
309 ID 1-2 location qualifier; 310 AN 1-30 location; 313 ID 2-4 authority qualifier; 319 AN 2-6 temperature;
324 AN 1-22 purchase order number; 325 AN 1-20 tax number; 326 AN 1-45 request reference;
327 AN 1-8 change order number; 328 AN 1-30 release number; 329 AN 4-9 document control number;
330 R 1-9 ordered quantity; 331 ID 2 payment of freight; 332 R 1-6 percent; 333 ID 1-2 terms basis;
334 ID 2-3 transport terms qualifier; 335 ID 3 transport terms; 336 ID 2 terms; 337 TM 4-8 time;
338 R 1-6 discount percent; 342 R 1-5 percent of the invoice; 344 ID 2 unit of time; 345 ID 2 lead time;
346 ID 2 application type; 347 R 1-10 hash total; 349 ID 1 kind of description; 350 AN 1-20 line number;
351 N0 1-3 discount days; 352 AN 1-80 description; 353 ID 2 purpose; 354 N0 1-6 number of line items;
355 ID 2 unit of measure; 356 N0 1-6 pack; 357 R 1-8 size; 358 R 1-10 shipped quantity; 362 N2 1-10 discount amount;
363 ID 3 note qualifier; 364 AN 1-80 communication number @005010 AN 1-256; 365 ID 2 communication qualifier;
366 ID 2 contact function; 367 AN 1-30 contract number; 368 ID 2 shipment or order status; 369 AN 1-45 free text;
370 DT 6 discount due date @004010 DT 8; 371 ID 2 change reason; 372 ID 2 rate source; 373 DT 6 date @004010 DT 8;
G373 DT 6-8 date of the group; 374 ID 3 date qualifier; 375 ID 2-3 tariff service; 378 ID 1 percent basis;
380 R 1-15 quantity; 382 R 1-10 shipped units; 383 R 1-9 units difference; 384 R 1-9 gross weight per pack;
385 R 1-9 gross volume per pack; 386 N0 1-3 net days; 387 AN 1-35 routing; 388 DT 6 deferred due date @004010 DT 8;
389 N2 1-10 deferred amount; 394 AN 1-12 warehouse receipt number; 395 R 1-8 unit weight; 396 AN 2-30 shipment number;
397 ID 1 color; 398 R 1-15 order sizing factor; 399 ID 1 pallet exchange; 400 ID 2 unit load option;
406 N0 1-3 number of pallets; 407 ID 1-2 seal status; 408 R 1-4 temperature; 411 ID 2 adjustment reason;
412 ID 2 receiving condition; 413 R 1-10 received quantity; 414 R 1-10 quantity damaged; 415 R 1-10 quantity damaged;
416 R 1-10 quantity on hold; 420 AN 1-22 warehouse adjustment number; 421 AN 1-22 depositor adjustment number;
425 R 1-10 adjusted quantity; 426 ID 2 adjustment reason; 432 ID 2 date qualifier; 433 ID 2 FOB point code;
434 AN 1-30 FOB point; 438 AN 12 UPC case code; 441 ID 1 tax exemption; 443 AN 1-20 contact reference;
446 DT 6 net due date @004010 DT 8; 447 AN 1-6 loop; 451 AN 1-12 warehouse lot number; 455 ID 1-2 agency;
458 AN 2-25 dunnage description; 460 ID 1 shipment weight code; 472 AN 1-6 link sequence number; 473 ID 1 order status;
474 AN 1-22 master reference number; 478 ID 1 credit or debit; 479 ID 2 functional group; 480 AN 1-12 version;
481 ID 1-2 trace type; 482 ID 2 payment action; 488 R 1-8 air exchange; 499 AN 1-10 condition value;
501 ID 2 customs documentation; 506 ID 2 bank number qualifier; 507 AN 3-12 bank number; 508 AN 1-35 account number;
509 AN 10 originating company; 510 AN 9 originating company supplement; 514 ID 1 reporting;
522 ID 1-3 amount qualifier; 531 AN 1-12 agent shipment number; 554 N0 1-6 line @005010 N0 1-9; 558 ID 1 answer;
559 ID 2 agency qualifier; 560 ID 2-10 special service; 563 ID 1-2 sales requirement; 566 ID 1-2 substitution;
567 N0 4-5 equipment length; 569 ID 1-3 account number qualifier; 571 ID 1-2 tare qualifier;
578 ID 1-2 equipment status; 587 ID 2 acknowledgement type; 591 ID 3 payment method; 595 AN 1-8 compartment;
597 ID 1-8 vessel code; 610 N2 1-15 amount; 618 ID 1 segment acknowledgement; 620 ID 1-3 segment error;
621 ID 1-3 element error; 622 N0 1-5 number of loads; 623 ID 2 time code; 625 ID 1-2 amount qualifier;
626 ID 1-2 excess transport reason; 627 ID 1 excess transport responsibility; 628 AN 1-12 hierarchical number;
639 ID 2 unit price basis; 640 ID 2 transaction type; 641 ID 2-3 status reason; 646 R 1-15 shipped to date;
647 ID 1-3 application error; 648 ID 3 price multiplier qualifier; 649 R 1-10 multiplier; 653 ID 3 discount;
654 ID 2 discount base qualifier; 655 R 1-10 discount base; 656 ID 2 special service; 657 R 1-10 lower limit;
658 R 1-10 upper limit; 662 ID 1-2 relationship; 665 N0 2 residue; 668 ID 2 line item status;
669 ID 1-3 currency market; 670 ID 2 line item change; 671 R 1-9 quantity left to receive; 673 ID 2 quantity qualifier;
687 ID 2 class of trade; 688 ID 2 restriction; 706 ID 2 party relationship; 715 ID 1 group acknowledgement;
716 ID 1-3 group error; 717 ID 1 document acknowledgement; 718 ID 1-3 document error;
719 N0 1-6 segment position @005010 N0 1-10; 720 ID 1-3 segment error; 721 ID 2-3 segment id;
722 N0 1-2 element position; 723 ID 1-3 element error; 724 AN 1-99 bad value; 725 N0 1-4 element number;
728 ID 2 returnable container load; 731 ID 2 transit direction; 732 ID 2 transit time qualifier;
733 R 1-4 transit time; 734 AN 1-12 hierarchical parent; 735 ID 1-2 hierarchical level; 736 ID 1 hierarchical children;
737 ID 2 measurement qualifier; 738 ID 1-3 dimension; 739 R 1-20 measurement; 740 R 1-20 range minimum;
741 R 1-20 range maximum; 750 ID 2-3 product characteristic; 751 AN 1-12 product description code; 752 ID 2 position;
753 ID 1-2 packaging characteristic; 754 AN 1-7 packaging description code; 755 ID 2-3 report;
756 ID 1-2 report transmission; 757 N0 1-2 copies; 759 ID 1 hazardous material; 761 N0 1 check digit;
765 N0 1-2 day of the month; 770 AN 1-20 option number; 782 R 1-18 monetary amount; 786 ID 2 security level;
799 AN 1-30 version; 808 ID 3 hazardous text qualifier; 809 AN 1-25 hazardous text; 810 N0 1-6 inner pack;
812 ID 1-10 payment format; 819 ID 2-3 language; 822 AN 1-15 source subqualifier; 828 R 1-9 taxed amount;
844 N0 1-6 inner pack; 854 ID 2 vessel type; 875 ID 3 maintenance; 883 ID 1-2 pallet type; 884 N0 1-3 pallet tiers;
885 N0 1-3 pallet blocks; 890 ID 1 follow-up; 891 ID 1-2 reason; 892 ID 1 line item status;
893 ID 2-5 inventory status; 897 ID 1 vessel code qualifier; 933 AN 1-264 message; 934 ID 2 printer carriage;
935 ID 2 measurement significance; 936 ID 2 measurement attribute; 951 ID 1 balance type;
954 R 1-10 percent as decimal; 955 ID 2 tax jurisdiction qualifier; 956 AN 1-10 tax jurisdiction;
961 AN 1-99 good value; 963 ID 2 tax type; 983 AN 1-30 hazard class; 984 ID 1 shipping name qualifier;
985 ID 3 not otherwise specified; 1000 AN 2 service characteristic; 1004 ID 1-2 percent qualifier;
1005 ID 4 hierarchical structure; 1018 R 1-15 exponent; 1019 ID 2 reference terms;
1035 AN 1-35 last name or organization @005010 AN 1-60; 1036 AN 1-25 first name @005010 AN 1-35;
1037 AN 1-25 middle name; 1038 AN 1-10 name prefix; 1039 AN 1-10 name suffix; 1048 ID 1-3 business function;
1065 ID 1 entity type; 1073 ID 1 yes or no; 1096 AN 1-30 address component; 1106 ID 2 address component;
1122 ID 1 vent; 1136 ID 2 category; 1166 ID 2 contract type; 1179 ID 2 customs entry; 1195 ID 2 accounting breakdown;
1196 AN 1-30 breakdown; 1250 ID 2-3 date format; 1251 AN 1-35 date or period; 1270 ID 1-3 code list;
1271 AN 1-30 industry code; 1280 ID 1 direction; 1292 ID 2 return disposition; 1293 ID 2 return reason;
1294 ID 2 return response; 1300 ID 4 allowance, charge or service; 1301 AN 1-10 agency service; 1321 ID 2-3 condition;
1373 ID 2-4 measurement method; 1375 ID 2 hazard response; 1470 N0 1-9 number; 1528 N0 1-2 component position;
1551 AN 1-4096 message text; 1609 ID 1-3 related data; 1650 ID 2 shipment status; 1651 ID 2 status reason;
1652 ID 2 appointment status; 1654 ID 7 longitude; 1655 ID 7 latitude; 1686 N0 1-4 repetition;
1705 AN 1-35 implementation guide; 1715 ID 1-3 country subdivision; 9998 AN 1-35 context reference;
9999 AN 1-35 context
"""
