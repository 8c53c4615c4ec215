"""The EDIFACT segments and their composites: places and conditions in our own tables, as of D.96A and D.01B."""

from __future__ import annotations

from typing import Final

SERVICE: Final = """
UNB interchange header | S001! S002! S003! S004! 0020! S005 0026 0029 0031 0032 0035
UNZ interchange trailer | 0036! 0020!
UNG group header | 0038! S006! S007! S004! 0048! 0051! S008! 0058
UNE group trailer | 0060! 0048!
UNH document header | 0062! S009! 0068 S010 S016 S017 S018
UNT document trailer | 0074! 0062!
UNS section control | 0081!
UCI answer to the interchange | 0020! S002! S003! 0083! 0085 0013 S011 | C0605 C0706
UCF answer to a group | 0048! S006! S007! 0083! 0085 0013 S011 | C0605 C0706
UCM answer to a document | 0062! S009! 0083! 0085 0013 S011 | C0504 C0605
UCS segment in error | 0096! 0085
UCD element in error | 0085! S011!
"""

SEGMENTS: Final = """
AJT adjustment | 4465! 1082
ALC allowance or charge | 5463! C552 4471 1227 C214
ALI additional information | 3239 9213 4183 4183 4183 4183 4183
APR additional price | 4043 C138 C960
BGM beginning of the document | C002 1004<2001B C106@2001B 1225 4343
CAV characteristic value | C889!
CCI characteristic | 7059 C502 C240 4051@2001B
CDI physical or logical state | 7001! C564!
CNI consignment | 1490 C503 1312
CNT control total | C270!
COD component details | C823 C824
COM communication contact | C076! C076@2001B C076@2001B
CPI charge payment instructions | C229 C231 4237
CPS packing hierarchy | 7164! 7166 7075
CTA contact | 3139 C056
CUX currencies | C504 C504 5402 6341
DGS dangerous goods | 8273 C205 C234 C223 8339 8364 8410 8126 C235 C236 8255 8325 8211
DIM dimensions | 6145! C211!
DLI line of a document | 1073! 1082!
DLM delivery limitations | 4455 C522 C214 4457
DOC document | C002! C503 3153 1220 1218
DTM date or time | C507!
EQA attached equipment | 8053! C237
EQD equipment | 8053! C237 C224 8077 8249 8169 4233@2001B
EQN number of units | C523!
ERC application error | C901!
FII bank | 3035! C078 C088 3207
FTX free text | 4451! 4453 C107 C108 3453 4447@2001B
GDS nature of the cargo | C703
GEI processing information | 9649! C012 7187
GID goods item | 1496 C213 C213 C213 C213@2001B C213@2001B
GIN identity numbers | 7405! C208! C208 C208 C208 C208
GIR related identity numbers | 7297! C206! C206 C206 C206 C206
GIS general indicator | C529!
GOR government requirements | 8323 C232 C232 C232 C232
HAN handling | C524 C218
ICD insurance cover | C330! C331!
IMD item description | 7077 7081<2001B C272@2001B C273 7383
INP parties and instruction | C849 C522 C850 1229
INV inventory management | 4501 7491 4499 4503 C522
LIN line item | 1082 1229 C212 C829 1222 7083
LOC place | 3227! C517 C519 C553 5479
MEA measurement | 6311! C502 C174 7383
MOA amount of money | C516!
MTD maintenance operation | 7495! 4513 3005 3009
NAD party | 3035! C082 C058 C080 C059 3164 3229<2001B C819@2001B 3251 3207
PAC package | 7224 C531 C202 C402 C532
PAI payment instructions | C534!
PAT payment terms | 4279! C110 C112
PCD percentage | C501! 4405@2001B
PCI package marks | 4233 C210 8275 C827
PGI product group | 5379! C288
PIA additional product id | 4347! C212! C212 C212 C212 C212
PRI price | C509 5213
QTY quantity | C186!
QVR quantity variance | C279 4221 C960
RCS requirements and conditions | 7293! C550 1229 3207@2001B
RFF reference | C506!
RJL accounting journal | C595 C596
RNG range | 6167! C280
RTE rate | C128! 4405@2001B
SCC scheduling conditions | 4017! 4493 C329
SEL seal | 9308 C215 4517 C208@2001B
SEQ sequence | 1229 C286
SGP split of goods | C237! 7224
STG stages | 9421! 6426 6428
STS status | C601 C555 C556 C556 C556 C556 C556
TAX tax | 5283! C241 C533 5286 C243 5305 3446 1227@2001B
TCC transport charge | C200 C203 C528 C554
TDT transport | 8051! 8028 C220 C228 C040 8101 C401 C222 8281
TMD movement | C219 8332 8341
TMP temperature | 6245! C239
TOD terms of delivery | 4055 4215 C100
TPL transport placement | C222!
TSR transport service requirements | C536 C233 C537 C703
"""

SERVICE_COMPOSITES: Final = """
S001 syntax | 0001! 0002! 0080 0133 0076
S002 interchange sender | 0004! 0007 0008 0042
S003 interchange receiver | 0010! 0007 0014 0046
S004 date and time of preparation | 0017! 0019!
S005 password | 0022! 0025
S006 application sender | 0040! 0007
S007 application receiver | 0044! 0007
S008 document version | 0052! 0054! 0057
S009 document type | 0065! 0052! 0054! 0051! 0057 0110 0113
S010 status of the transfer | 0070! 0073
S011 element in error | 0098! 0104 0136
S016 document subset | 0115! 0116 0118 0051
S017 implementation guide | 0121! 0122 0124 0051
S018 scenario | 0127! 0128 0130 0051
"""

COMPOSITES: Final = """
C002 document name | 1001 1131 3055 1000
C012 processing indicator | 7365 1131 3055 7364
C040 carrier | 3127 1131 3055 3128
C056 contact | 3413 3412
C058 name and address | 3124! 3124 3124 3124 3124
C059 street | 3042! 3042 3042 3042
C076 communication contact | 3148! 3155!
C078 account holder | 3194 3192 3192 6345
C080 party name | 3036! 3036 3036 3036 3036 3045
C082 party identification | 3039! 1131 3055
C088 bank | 3433 1131 3055 3434 1131 3055 3432 3436
C100 delivery terms | 4053 1131 3055 4052 4052
C106 document identification | 1004 1056 1060
C107 text reference | 4441! 1131 3055
C108 text | 4440! 4440 4440 4440 4440
C110 payment terms | 4277! 1131 3055 4276 4276
C112 period of the terms | 2475! 2009 2151 2152
C128 rate | 5419! 5420! 5284 6411
C138 price multiplier | 5394! 5393
C174 value or range | 6411!<2001B 6411@2001B 6314 6162 6152 6432
C186 quantity | 6063! 6060! 6411
C200 charge | 8023 1131 3055 8022 4237 7140
C202 package type | 7065 1131 3055 7064
C203 rate or tariff class | 5243! 1131 3055 5242 5275 1131 3055 5275 1131 3055
C205 hazard code | 8351! 8078 8092
C206 identification number | 7402! 7405 4405
C208 identity number range | 7402! 7402
C210 marks and labels | 7102! 7102 7102 7102 7102 7102 7102 7102 7102 7102
C211 dimensions | 6411! 6168 6140 6008
C212 item number | 7140 7143 1131 3055
C213 number and type of packages | 7224 7065 1131 3055 7064 7233@2001B
C214 special service | 7161 1131 3055 7160 7160
C215 sealing party | 9303 1131 3055 9302
C218 hazardous material | 7419 1131 3055 7418
C219 movement type | 8335 8334
C220 transport mode | 8067 8066
C222 transport identification | 8213 1131 3055 8212 8453
C223 flashpoint | 7106 6411
C224 equipment size and type | 8155 1131 3055 8154
C228 transport means | 8179 8178
C229 charge category | 5237! 1131 3055
C231 payment method of charges | 4215! 1131 3055
C232 government action | 9415 9411 9417 9353
C233 service | 7273! 1131 3055 7273 1131 3055
C234 UN number | 7124 7088
C235 hazard placard | 8158 8186
C236 dangerous goods labels | 8246 8246 8246
C237 equipment number | 8260 1131 3055 3207
C239 temperature | 6246 6411
C240 characteristic | 7037! 1131 3055 7036 7036
C241 tax type | 5153 1131 3055 5152
C243 tax details | 5279 1131 3055 5278 5273 1131 3055
C270 control total | 6069! 6066! 6411
C272 item characteristic | 7081 1131 3055
C273 item description | 7009 1131 3055 7008 7008 3453
C279 quantity difference | 6064! 6063
C280 range | 6411! 6162 6152
C286 sequence number | 1050! 1159 1131 3055
C288 product group | 5389 1131 3055 5388
C329 plan pattern | 2013 2015 2017
C330 insurance cover type | 4497! 1131 3055
C331 insurance cover | 4495 1131 3055 4494 4494
C401 excess transport | 8457! 8459! 7130
C402 package description | 7077! 7064! 7143 7064 7143
C501 percentage | 5245! 5482 5249 1131 3055
C502 measurement | 6313 6321 6155 6154
C503 document details | 1004 1373 1366 3453 1056@2001B 1060@2001B
C504 currency | 6347! 6345 6343 6348
C506 reference | 1153! 1154 1156 4000<2001B 1056@2001B 1060@2001B
C507 date or time | 2005! 2380 2379
C509 price | 5125! 5118 5375 5387 5284 6411
C516 amount | 5025! 5004 6345 6343 4405
C517 place | 3225 1131 3055 3224
C519 first related place | 3223 1131 3055 3222
C522 instruction | 4403! 4401 1131 3055 4400
C523 number of units | 6350 6353
C524 handling | 4079 1131 3055 4078
C528 commodity rate | 7357! 1131 3055
C529 processing indicator | 7365! 1131 3055 7187
C531 packaging details | 7075 7233 7073
C532 returnable package | 8393 8395
C533 tax account | 5289! 1131 3055
C534 payment instructions | 4439 4431 4461 1131 3055 4435
C536 contract and carriage condition | 4065! 1131 3055
C537 transport priority | 4219! 1131 3055
C550 requirement or condition | 7295! 1131 3055 7294
C552 allowance or charge | 1230 5189
C553 second related place | 3233 1131 3055 3232
C554 rate or tariff class detail | 5243 1131 3055
C555 status | 9011!<2001B 4405!@2001B 1131 3055 9010<2001B 4404@2001B
C556 status reason | 9013! 1131 3055 9012
C564 state | 7007 1131 3055 7006
C595 accounting journal | 4475 1131 3055 4474
C596 accounting entry type | 4475 1131 3055 4474
C601 status category | 9015! 1131 3055
C703 nature of the cargo | 7085! 1131 3055
C819 region | 3229 1131 3055 3228
C823 type of unit | 7505 1131 3055 7504
C824 component material | 7507 1131 3055 7506
C827 type of marking | 7511! 1131 3055
C829 sub-line | 5495 1082
C849 parties to the instruction | 3301! 3285
C850 status of the instruction | 4405! 3036
C889 characteristic value | 7111 1131 3055 7110 7110
C901 application error | 9321! 1131 3055
C960 reason of the change | 4295 1131 3055 4294
"""
