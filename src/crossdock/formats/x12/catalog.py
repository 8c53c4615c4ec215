"""The transaction sets that we read and write. To add one, write its table beside this file and list it here."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written
from crossdock.formats.x12 import (
    acknowledgement_997,
    acknowledgement_999,
    air_invoice_110,
    application_advice_824,
    bill_of_lading_211,
    despatch_advice_856,
    inventory_advice_846,
    invoice_210,
    invoice_810,
    load_tender_204,
    ocean_invoice_310,
    ocean_status_315,
    order_850,
    order_answer_855,
    order_change_860,
    remittance_820,
    return_180,
    routing_754,
    routing_request_753,
    shipping_advice_945,
    shipping_order_940,
    status_214,
    stock_adjustment_947,
    stock_receipt_944,
    stock_transfer_943,
    tender_answer_990,
)

DOCUMENTS: Final[dict[str, Written]] = {
    module.DOCUMENT.code: module.DOCUMENT
    for module in (
        air_invoice_110,
        return_180,
        load_tender_204,
        invoice_210,
        bill_of_lading_211,
        status_214,
        ocean_invoice_310,
        ocean_status_315,
        routing_request_753,
        routing_754,
        invoice_810,
        remittance_820,
        application_advice_824,
        inventory_advice_846,
        order_850,
        order_answer_855,
        despatch_advice_856,
        order_change_860,
        shipping_order_940,
        stock_transfer_943,
        stock_receipt_944,
        shipping_advice_945,
        stock_adjustment_947,
        tender_answer_990,
        acknowledgement_997,
        acknowledgement_999,
    )
}
