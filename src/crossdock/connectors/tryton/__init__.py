"""Tryton 8.2, as the ERP of a house and as its warehouse system: one way of speaking, two vocabularies."""
