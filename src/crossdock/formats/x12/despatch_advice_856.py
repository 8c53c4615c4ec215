"""The 856, ship notice: a hierarchy of shipment, orders, tares, packs and items."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="856",
    group="SH",
    name="despatch advice",
    uses="""
BSN!
DTM 10
HL! 200000
  LIN
  SN1
  SLN 1000
  PRF
  PO4
  PID 200
  MEA 40
  PWK 25
  PKG 25
  TD1 20
  TD5 12
  TD3 12
  TD4 5
  TSD
  REF 999999
  PER 3
  LH1 100
    LH2 4
    LH3 12
    LFH 20
    LEP 999999
    LH4
    LHT 3
    LHR 10
    PER 5
    LHE
  CLD 200
    REF 200
    DTP
  MAN 999999
  DTM 10
  FOB
  PAL
  N1 200
    N2 2
    N3 2
    N4
    REF 12
    PER 3
    FOB
  SDQ 50
  ETD
  CUR
  SAC 999999
    CUR
  GF
  YNQ 10
  LM 10
    LQ 100
  V1 999999
    R4 999999
    DTM 999999
CTT
""",
)
