"""Rows: read from anywhere, in one form, with what identifies them."""
