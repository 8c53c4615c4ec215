"""The 820, payment order and remittance advice."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="820",
    group="RA",
    name="payment and remittance",
    uses="""
BPR!
NTE 999999
TRN
CUR
REF 999999
DTM 999999
N1 999999
  N2 999999
  N3 999999
  N4
  REF 999999
  PER 999999
  RDM
  DTM
ENT 999999
  NM1 999999
    N2 999999
    N3 999999
    N4
    REF 999999
    PER 999999
  ADX 999999
    NTE 999999
    PER 999999
    DTM
    REF 999999
      DTM 999999
    IT1 999999
      REF 999999
        DTM
      SAC 999999
        TXI 999999
      SLN 999999
        REF 999999
          DTM 999999
        SAC 999999
          TXI 999999
  RMR 999999
    NTE 999999
    REF 999999
    DTM 999999
    IT1 999999
      REF 999999
        DTM
      SAC 999999
        TXI 999999
      SLN 999999
        REF 999999
          DTM 999999
        SAC 999999
          TXI 999999
    ADX 999999
      NTE 999999
      PER 999999
      REF 999999
        DTM 999999
      IT1 999999
        REF 999999
          DTM
        SAC 999999
          TXI 999999
        SLN 999999
          REF 999999
            DTM 999999
          SAC 999999
            TXI 999999
TXP 999999
  TXI 999999
DED 999999
LX 999999
  REF 999999
  TRN 999999
  NM1 999999
    REF 999999
    G53
    AIN 999999
      QTY 999999
      DTP 999999
    PEN 999999
      AMT 999999
      DTP 999999
      INV 999999
        DTP 999999
N9
  AMT 999999
    REF 999999
  N1 999999
    REF 999999
RYL 999999
""",
)
