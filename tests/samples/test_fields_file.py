"""The table of fields: by file or dataset, with what is wrong in it said."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.errors import BrokenRecord, UsageError
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.triplets import Fields

TABLE = """# how rows are written
file\tdataset_id\trole\tinstruction\tinput\toutput
a.jsonl.gz\torg/a\ttrain\tquestion\t\tanswer
\torg/b#seeds\ttrain\tinstruction\tinstances.0.input\tinstances.0.output
"""


@pytest.fixture
def table(tmp_path: Path) -> FieldsTable:
    path = tmp_path / "fields.tsv"
    path.write_text(TABLE)
    return FieldsTable.read(path)


def test_fields_are_found_by_file_and_by_dataset(table: FieldsTable) -> None:
    question = Fields("given", "question", "", "answer")
    assert table.of_file(Path("somewhere/A.jsonl.gz")) == table.of_part("ORG/a", "") == question
    assert table.of_part("org/a", "part") == question
    assert table.of_part("org/b", "seeds") == Fields("given", "instruction", "instances.0.input", "instances.0.output")
    assert table.of_part("org/b", "") is None
    assert table.of_file(Path("b.jsonl")) is None


@pytest.mark.parametrize(
    "text", ["", "dataset\tinstruction\n", "instruction\tinput\toutput\n", "org/a,question,answer\n"]
)
def test_a_header_that_lacks_a_column_is_a_usage_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "fields.tsv").write_text(text)
    with pytest.raises(UsageError, match="does not name the columns"):
        FieldsTable.read(tmp_path / "fields.tsv")


def test_a_row_without_an_instruction_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "fields.tsv").write_text("dataset\tinstruction\toutput\norg/a\tq\ta\norg/b\t\ta\n")
    with pytest.raises(BrokenRecord, match="line 3"):
        FieldsTable.read(tmp_path / "fields.tsv")


def test_a_table_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.tsv"):
        FieldsTable.read(tmp_path / "none.tsv")
