"""The EDIFACT messages that we read and write. To add one, write its table beside this file and list it here."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written
from crossdock.formats.edifact import (
    acknowledgement_contrl,
    application_advice_aperak,
    booking_confirmation_iftmbc,
    booking_request_iftmbf,
    consolidation_ifcsum,
    despatch_advice_desadv,
    inventory_report_invrpt,
    invoice_invoic,
    order_answer_ordrsp,
    order_orders,
    receiving_advice_recadv,
    remittance_remadv,
    transport_instruction_iftmin,
    transport_status_iftsta,
)

DOCUMENTS: Final[dict[str, Written]] = {
    module.DOCUMENT.code: module.DOCUMENT
    for module in (
        transport_instruction_iftmin,
        booking_request_iftmbf,
        booking_confirmation_iftmbc,
        transport_status_iftsta,
        consolidation_ifcsum,
        despatch_advice_desadv,
        receiving_advice_recadv,
        inventory_report_invrpt,
        order_orders,
        order_answer_ordrsp,
        invoice_invoic,
        remittance_remadv,
        acknowledgement_contrl,
        application_advice_aperak,
    )
}
