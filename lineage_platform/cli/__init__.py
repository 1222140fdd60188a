"""The `lineage` command: data to stdout, everything else to stderr."""
