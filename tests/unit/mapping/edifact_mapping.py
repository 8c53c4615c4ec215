"""A carrier's IFTSTA, mapped: what a mapping of EDIFACT looks like."""

IFTSTA = """
mapping: ocean-carrier
version: 1
format: edifact
documents:
  IFTSTA:
    each: CNI/STS
    envelope:
      occurred: {path: "DTM[01:1=334]-01:2", as: dtm, code: "DTM[01:1=334]-01:3", zone: Europe/Berlin}
    emits:
      - event: shipment.delivered
        when: {path: STS-02:1, equals: "21"}
        fields:
          scac: {path: "/NAD[01=CA]/NAD-02:1", default: RDWY}
          shipment_no: ../CNI-02:1
          status_code: STS-02:1
          stop_no: {constant: 1}
          city: "LOC[01=175]-02:4"
      - event: shipment.milestone_reported
        fields:
          scac: {path: "/NAD[01=CA]/NAD-02:1", default: RDWY}
          shipment_no: ../CNI-02:1
          status_code: STS-02:1
          milestone: {path: STS-02:1, map: {"24": departed, "1": arrived, "31": en_route}}
          stop_no: {constant: 1}
"""
