"""What the rows say: redundancy, contamination, overlaps, and the audit of a planned mix."""
