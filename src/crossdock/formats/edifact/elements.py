"""The EDIFACT data dictionary: number, type, length and a meaning in our own words.

Directory D.96A, and what had changed by D.01B (`@2001B`). Elements of the envelope have numbers below 1000.
"""

from __future__ import annotations

from typing import Final

ELEMENTS: Final = """
0001 a 4 character set; 0002 an 1 syntax version; 0004 an 1-35 interchange sender; 0007 an 1-4 partner qualifier;
0008 an 1-35 sender's internal address; 0010 an 1-35 interchange receiver; 0013 an 1-3 service segment in error;
0014 an 1-35 receiver's internal address; 0017 DT 6-8 date of preparation; 0019 TM 4 time of preparation;
0020 an 1-14 interchange control reference; 0022 an 1-14 password; 0025 an 2 password qualifier;
0026 an 1-14 application; 0029 a 1 priority; 0031 n 1 acknowledgement requested; 0032 an 1-35 agreement;
0035 n 1 test; 0036 n 1-6 number of documents or groups; 0038 an 1-6 group; 0040 an 1-35 application sender;
0042 an 1-35 sender's second internal address; 0044 an 1-35 application receiver;
0046 an 1-35 receiver's second internal address; 0048 an 1-14 group control reference; 0051 an 1-3 agency;
0052 an 1-3 version; 0054 an 1-3 release; 0057 an 1-6 association code; 0058 an 1-14 application password;
0060 n 1-6 number of documents; 0062 an 1-14 document control reference; 0065 an 1-6 document type;
0068 an 1-35 common access reference; 0070 n 1-2 number in a sequence; 0073 a 1 first or last;
0074 n 1-10 number of segments; 0076 an 1-3 syntax release; 0080 an 1-6 service directory; 0081 a 1 section;
0083 an 1-3 action; 0085 an 1-3 syntax error; 0096 n 1-6 segment position; 0098 n 1-3 element position;
0104 n 1-3 component position; 0110 an 1-14 code directory; 0113 an 1-6 document subtype;
0115 an 1-14 document subset; 0116 an 1-3 subset version; 0118 an 1-3 subset release;
0121 an 1-14 implementation guide; 0122 an 1-3 guide version; 0124 an 1-3 guide release; 0127 an 1-14 scenario;
0128 an 1-3 scenario version; 0130 an 1-3 scenario release; 0133 an 1-3 character encoding;
0136 n 1-6 repetition in error;
1000 an 1-35 document name; 1001 an 1-3 document name code; 1004 an 1-35 document number;
1050 an 1-10 sequence number; 1056 an 1-9 version; 1060 an 1-6 revision; 1073 an 1-3 line indicator;
1082 n 1-6 line number @2001B an 1-6; 1131 an 1-3 code list @2001B an 1-17; 1153 an 1-3 reference qualifier;
1154 an 1-35 reference @2001B an 1-70; 1156 an 1-6 line number in the reference; 1159 an 1-3 sequence source;
1218 n 1-2 number of originals; 1220 n 1-2 number of copies; 1222 n 1-2 configuration level;
1225 an 1-3 message function; 1227 an 1-3 calculation sequence; 1229 an 1-3 action;
1230 an 1-35 allowance or charge number; 1312 n 1-4 load sequence number;
1366 an 1-35 source of the document @2001B an 1-70; 1373 an 1-3 document status; 1490 n 1-4 consignment number;
1496 n 1-5 goods item number; 2005 an 1-3 date qualifier; 2009 an 1-3 time relation; 2013 an 1-3 frequency;
2015 an 1-3 despatch pattern; 2017 an 1-3 despatch timing; 2151 an 1-3 type of period; 2152 n 1-3 number of periods;
2379 an 1-3 date format; 2380 an 1-35 date or time; 2475 an 1-3 time reference; 3005 an 1-3 maintenance operation by;
3009 an 1-3 maintenance operation paid by; 3035 an 1-3 party role; 3036 an 1-35 party name;
3039 an 1-17 party @2001B an 1-35; 3042 an 1-35 street; 3045 an 1-3 name format; 3055 an 1-3 code list agency;
3124 an 1-35 name and address line; 3127 an 1-17 carrier; 3128 an 1-35 carrier name; 3139 an 1-3 contact function;
3148 an 1-512 number or address; 3153 an 1-3 channel of the document; 3155 an 1-3 channel; 3164 an 1-35 city;
3192 an 1-35 account holder; 3194 an 1-17 account @2001B an 1-35; 3207 an 1-3 country;
3222 an 1-70 first related place; 3223 an 1-25 first related location @2001B an 1-35;
3224 an 1-70 place @2001B an 1-256; 3225 an 1-25 location @2001B an 1-35; 3227 an 1-3 location qualifier;
3228 an 1-35 region name @2001B an 1-70; 3229 an 1-9 region; 3232 an 1-70 second related place;
3233 an 1-25 second related location @2001B an 1-35; 3239 an 1-3 country of origin;
3251 an 1-9 postal code @2001B an 1-17; 3285 an 1-35 instruction from; 3301 an 1-35 instruction to;
3412 an 1-35 contact name; 3413 an 1-17 contact; 3432 an 1-70 bank name; 3433 an 1-11 bank; 3434 an 1-17 bank branch;
3436 an 1-70 bank place; 3446 an 1-20 tax number; 3453 an 1-3 language; 4000 an 1-35 reference version;
4017 an 1-3 plan status; 4043 an 1-3 trade class; 4051 an 1-3 relevance; 4052 an 1-70 delivery terms text;
4053 an 1-3 delivery terms; 4055 an 1-3 function of the terms; 4065 an 1-3 contract condition;
4078 an 1-70 handling text; 4079 an 1-3 handling; 4183 an 1-3 special condition; 4215 an 1-3 payment of charges;
4219 an 1-3 transport priority; 4221 an 1-3 discrepancy; 4233 an 1-3 marking; 4237 an 1-3 prepaid or collect;
4276 an 1-35 payment terms text; 4277 an 1-17 payment terms; 4279 an 1-3 terms qualifier;
4294 an 1-35 reason of the change; 4295 an 1-3 reason code; 4343 an 1-3 answer wanted;
4347 an 1-3 product id function; 4400 an 1-35 instruction text; 4401 an 1-3 instruction;
4403 an 1-3 instruction qualifier; 4404 an 1-35 status text; 4405 an 1-3 status; 4431 an 1-3 payment guarantee;
4435 an 1-3 payment channel; 4439 an 1-3 payment conditions; 4440 an 1-70 text @2001B an 1-512;
4441 an 1-3 text code @2001B an 1-17; 4447 an 1-3 text format; 4451 an 1-3 subject of the text;
4453 an 1-3 text function; 4455 an 1-3 back order; 4457 an 1-3 substitution; 4461 an 1-3 payment means;
4465 an 1-3 adjustment reason; 4471 an 1-3 settlement; 4474 an 1-35 posting text; 4475 an 1-17 posting;
4493 an 1-3 delivery requirement; 4494 an 1-35 insurance cover text; 4495 an 1-17 insurance cover;
4497 an 1-3 insurance cover type; 4499 an 1-3 inventory movement reason; 4501 an 1-3 inventory movement direction;
4503 an 1-3 balance method; 4513 an 1-3 maintenance operation; 4517 an 1-3 seal condition;
5004 n 1-18 amount @2001B n 1-35; 5025 an 1-3 amount qualifier; 5118 n 1-15 price; 5125 an 1-3 price qualifier;
5152 an 1-35 tax type text; 5153 an 1-3 tax type; 5189 an 1-3 allowance or charge code; 5213 an 1-3 sub-
line price change; 5237 an 1-3 charge category; 5242 an 1-35 rate or tariff text; 5243 an 1-9 rate or tariff;
5245 an 1-3 percentage qualifier; 5249 an 1-3 basis of the percentage; 5273 an 1-12 tax rate basis;
5275 an 1-6 rate class; 5278 an 1-17 tax rate; 5279 an 1-7 tax rate code; 5283 an 1-3 tax function;
5284 n 1-9 basis of the price; 5286 an 1-15 taxable value; 5289 an 1-6 tax account; 5305 an 1-3 tax category;
5375 an 1-3 price type; 5379 an 1-3 product group type; 5387 an 1-3 price specification;
5388 an 1-35 product group text; 5389 an 1-25 product group; 5393 an 1-3 price multiplier type;
5394 n 1-12 price multiplier; 5402 n 1-12 rate of exchange; 5419 an 1-3 rate type; 5420 n 1-15 rate;
5463 an 1-3 allowance or charge; 5479 an 1-3 relation of the places; 5482 n 1-8 percentage @2001B n 1-10;
5495 an 1-3 sub-line; 6008 n 1-15 height; 6060 n 1-15 quantity @2001B an 1-35; 6063 an 1-3 quantity qualifier;
6064 n 1-15 quantity difference; 6066 n 1-18 control total; 6069 an 1-3 control total qualifier; 6140 n 1-15 width;
6145 an 1-3 dimension qualifier; 6152 n 1-18 upper end; 6154 an 1-70 attribute text;
6155 an 1-3 attribute code @2001B an 1-17; 6162 n 1-18 lower end; 6167 an 1-3 range qualifier; 6168 n 1-15 length;
6245 an 1-3 temperature qualifier; 6246 n 3 temperature @2001B n 1-15; 6311 an 1-3 measurement qualifier;
6313 an 1-3 measured attribute; 6314 n 1-18 measured value @2001B an 1-18; 6321 an 1-3 significance;
6341 an 1-3 currency market; 6343 an 1-3 currency qualifier; 6345 an 1-3 currency; 6347 an 1-3 use of the currency;
6348 n 1-4 currency rate base; 6350 n 1-15 number of units; 6353 an 1-3 number qualifier;
6411 an 1-3 unit @2001B an 1-8; 6426 n 1-2 number of stages; 6428 n 1-2 actual stage; 6432 n 1-2 significant digits;
7001 an 1-3 state qualifier; 7006 an 1-35 state text; 7007 an 1-3 state; 7008 an 1-35 description @2001B an 1-256;
7009 an 1-17 description code; 7036 an 1-35 characteristic text; 7037 an 1-17 characteristic;
7059 an 1-3 property class; 7064 an 1-35 packaging; 7065 an 1-17 packaging code; 7073 an 1-3 packaging terms;
7075 an 1-3 packaging level; 7077 an 1-3 description format; 7081 an 1-3 characteristic of the item;
7083 an 1-3 configuration; 7085 an 1-3 cargo type; 7088 an 1-8 flashpoint; 7102 an 1-35 shipping mark;
7106 n 3 flashpoint temperature; 7110 an 1-35 characteristic value text; 7111 an 1-3 characteristic value;
7124 n 4 UN number; 7130 an 1-17 customer's authorization; 7140 an 1-35 item number; 7143 an 1-3 item number type;
7160 an 1-35 special service text; 7161 an 1-3 special service; 7164 an 1-12 level @2001B an 1-35;
7166 an 1-12 level above @2001B an 1-35; 7187 an 1-17 process; 7224 n 1-8 number of packages;
7233 an 1-3 packaging information; 7273 an 1-3 service requirement; 7293 an 1-3 sector; 7294 an 1-35 condition text;
7295 an 1-17 condition; 7297 an 1-3 identification qualifier; 7357 an 1-18 commodity code;
7364 an 1-35 processing text; 7365 an 1-3 processing; 7383 an 1-3 surface; 7402 an 1-35 identity number;
7405 an 1-3 identity qualifier; 7418 an 1-35 hazard text; 7419 an 1-4 hazard code @2001B an 1-7;
7491 an 1-3 inventory type; 7495 an 1-3 identified thing; 7504 an 1-35 unit type text; 7505 an 1-3 unit type;
7506 an 1-35 component material text; 7507 an 1-3 component material; 7511 an 1-3 marking type;
8022 an 1-26 freight and charges text; 8023 an 1-17 freight and charges; 8028 an 1-17 voyage or trip;
8051 an 1-3 stage of transport; 8053 an 1-3 equipment qualifier; 8066 an 1-17 transport mode text;
8067 an 1-3 transport mode; 8077 an 1-3 equipment supplier; 8078 an 1-7 hazard page; 8092 an 1-10 hazard version;
8101 an 1-3 transit direction; 8126 an 1-10 transport emergency card; 8154 an 1-35 equipment size and type text;
8155 an 1-4 equipment size and type @2001B an 1-10; 8158 an 1-4 upper part of the placard; 8169 an 1-3 full or empty;
8178 an 1-17 transport means text; 8179 an 1-8 transport means; 8186 an 4 lower part of the placard;
8211 an 1-3 hazard permission; 8212 an 1-35 ship or vehicle name @2001B an 1-70;
8213 an 1-9 ship or vehicle @2001B an 1-35; 8246 an 1-4 dangerous goods label; 8249 an 1-3 equipment status;
8255 an 1-3 packing instruction; 8260 an 1-17 equipment number; 8273 an 1-3 dangerous goods rules;
8275 an 1-3 container restriction; 8281 an 1-3 owner of the transport means; 8323 an 1-3 movement;
8325 an 1-3 category of transport; 8332 an 1-26 equipment plan; 8334 an 1-35 movement type text;
8335 an 1-3 movement type; 8339 an 1-3 packing group; 8341 an 1-3 haulage; 8351 an 1-7 hazard class;
8364 an 1-6 emergency procedure; 8393 an 1-3 returnable package payment; 8395 an 1-3 returnable package load;
8410 an 1-4 medical first aid; 8453 an 1-3 nationality of the transport means; 8457 an 1-3 excess transport reason;
8459 an 1-3 excess transport responsibility; 9010 an 1-35 status event text; 9011 an 1-3 status event;
9012 an 1-35 status reason text @2001B an 1-256; 9013 an 1-3 status reason; 9015 an 1-3 status type;
9213 an 1-3 duty regime; 9302 an 1-35 sealing party text; 9303 an 1-3 sealing party;
9308 an 1-10 seal number @2001B an 1-35; 9321 an 1-8 application error; 9353 an 1-3 government procedure;
9411 an 1-3 government involvement; 9415 an 1-3 government agency; 9417 an 1-3 government action;
9421 an 1-3 process stage; 9649 an 1-3 processing qualifier
"""
