"""Bytes to documents and back: one reader per format, pure, streaming, and never raising for what a sender wrote."""
