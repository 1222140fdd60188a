"""What each column of a corpus and of its removal tables holds, in a sentence."""

from __future__ import annotations

_COLUMNS = {
    "instruction": "The question or task.",
    "input": "What the task is about, or the system turn; may be empty.",
    "output": "The answer.",
    "dataset": "Dataset that the row was read from.",
    "part": "Config, split or folder of that dataset; empty where it has no parts.",
    "row": "Number of the row in it, from 0.",
    "root": "Leaf of the lineage graph that the row descends from.",
    "path": "Lineage from the root to the dataset that the row was read from.",
    "licence": "Licence of that dataset, by the Hub's short name.",
    "domain": "Domain of the dataset.",
    "triplet_hi": "Upper half of the 128-bit digest over instruction, input and output.",
    "triplet_lo": "Lower half of the same.",
    "query_hi": "Upper half of the 128-bit digest over instruction and input.",
    "query_lo": "Lower half of the same.",
    "stage": "Stage that removed the row.",
    "reason": "Why it was removed.",
    "detail": "What was found.",
    "kept_dataset": "Dataset of the row that was kept in its place.",
    "kept_part": "Part of the row that was kept in its place.",
    "kept_row": "Number of the row that was kept in its place.",
    "similarity": "Exact Jaccard of the two rows' word 8-grams, or the share of the benchmark's item that was found.",
    "benchmark": "Benchmark that the row holds an item of.",
    "benchmark_part": "Part of the benchmark.",
    "benchmark_row": "Number of the item in the benchmark.",
}


def column_description(name: str) -> str:
    """What the column of this name holds."""
    return _COLUMNS.get(name, f"Column {name}.")
