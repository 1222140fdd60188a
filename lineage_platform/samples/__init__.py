"""The rows: read from anywhere as triplets, with what identifies them; kept in shards, sketched.

The heavy libraries (polars, duckdb) load when a module that needs them is first used.
"""
