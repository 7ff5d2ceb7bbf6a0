"""Rows become typed papers: what each produced document says, from what is on record."""
