"""What a card declares in its metadata block."""

from __future__ import annotations

import pytest

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules import declared
from lineage_platform.records import Relation
from tests.agents.cards import TARGET, card, sources


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("source_datasets:\n- oven/bran-qa", {"oven/bran-qa"}),
        ("source_datasets:\n- extended|oven/bran-qa\n- extended|squash", {"oven/bran-qa", "squash"}),
        ("source_datasets: [oven/bran-qa, 'oat-house/oats']", {"oven/bran-qa", "oat-house/oats"}),
        ("source_datasets: oven/bran-qa", {"oven/bran-qa"}),
        ("source_datasets:\n- https://huggingface.co/datasets/oven/bran-qa", {"oven/bran-qa"}),
        ("datasets:\n- oven/bran-qa", {"oven/bran-qa"}),
        ("source_datasets:\n- original", set()),
        ("source_datasets:\n- extended\n- other", set()),
        ("source_datasets:\n- extended|other-books and more", set()),
        (f"source_datasets:\n- {TARGET}", set()),
        ("source_datasets:\n- old-mill/GrainSet", {"old-mill/GrainSet"}),
        ("source_datasets: 7", set()),
        ("source_datasets:\n- {name: oven/bran-qa}", set()),
        ("tags:\n- oven/bran-qa", set()),
        ("source_datasets: [broken", set()),
    ],
)
def test_source_datasets_are_read_in_the_forms_the_hub_has(block: str, expected: set[str]) -> None:
    assert sources(f"---\n{block}\n---\n\n# GrainSet\n") == expected


def test_a_declared_source_is_quoted_from_the_line_that_names_it() -> None:
    text = "---\nlicense: mit\nsource_datasets:\n- extended|oven/bran-qa\n---\n\n# GrainSet\n"
    (statement,) = declared(Subject(TARGET), card(text))
    assert statement.quote == "- extended|oven/bran-qa"
    assert statement.quote_offset is not None
    assert text[statement.quote_offset :].startswith(statement.quote)
    assert statement.confidence >= 0.9


def test_nothing_is_declared_outside_the_block() -> None:
    assert declared(Subject(TARGET), card("# GrainSet\n\nsource_datasets: oven/bran-qa\n")) == ()


def test_what_is_declared_and_said_is_one_statement() -> None:
    text = "---\nsource_datasets: [oven/BranQA]\n---\n\nThe rows were sampled from the BranQA dataset.\n"
    assert sources(text) == {"oven/BranQA"}


CALL = """# GrainSet

## {heading}

```python
# {comment}
rows = load_dataset("oven/bran-qa", split="train")
mine = load_dataset("mill-house/GrainSet")
```
"""


@pytest.mark.parametrize("heading", ["Data creation", "How the data was made: construction", "Source datasets"])
def test_code_that_shows_the_making_declares_what_it_loads(heading: str) -> None:
    text = CALL.format(heading=heading, comment="Evaluation")
    (statement,) = declared(Subject(TARGET), card(text))
    assert statement.mention == "oven/bran-qa"
    assert statement.quote == 'rows = load_dataset("oven/bran-qa", split="train")'
    assert text[statement.quote_offset or 0 :].startswith(statement.quote)


@pytest.mark.parametrize("heading", ["Usage", "Evaluation", "How to load it", "Benchmark results", "Training"])
def test_code_that_uses_data_declares_nothing(heading: str) -> None:
    assert declared(Subject(TARGET), card(CALL.format(heading=heading, comment="Data creation"))) == ()


def test_code_that_no_reader_sees_declares_nothing() -> None:
    text = f"# GrainSet\n\n## Data creation\n\n<!--\n{CALL.format(heading='Data creation', comment='')}\n-->\n"
    assert declared(Subject(TARGET), card(text)) == ()


PIPELINE = """# Recipes

## Example

```python
rows = load_dataset("oven/bran-qa", split="train")
{step}
made.push_to_hub({argument}"{saved}")
```

~~~python
other = load_dataset("oven/rye-qa")
~~~
"""


@pytest.mark.parametrize(
    ("step", "relation"),
    [
        ("made = rows.filter(long)", Relation.DIRECT_INCLUSION),
        ("made = Pipeline(vLLM(model=MODEL)).run(rows)", Relation.COT_DISTILLATION),
        ("made = rows.map(lambda row: client.chat.completions.create(row))", Relation.COT_DISTILLATION),
    ],
)
@pytest.mark.parametrize("argument", ["", "repo_id="])
def test_code_that_saves_the_subject_declares_what_it_loads(step: str, relation: Relation, argument: str) -> None:
    text = PIPELINE.format(step=step, saved="your-name/GrainSet", argument=argument)
    (statement,) = declared(Subject(TARGET), card(text))
    assert (statement.mention, statement.relation) == ("oven/bran-qa", relation)
    assert text[statement.quote_offset or 0 :].startswith(statement.quote)


@pytest.mark.parametrize("heading", ["Example", "Data creation"])
def test_code_that_saves_another_dataset_declares_nothing(heading: str) -> None:
    text = PIPELINE.format(step="", saved="mill-house/GrainSet-2", argument="").replace("Example", heading)
    found = {statement.mention for statement in declared(Subject(TARGET), card(text))}
    assert found == ({"oven/rye-qa"} if heading == "Data creation" else set())


def test_an_unclosed_fence_runs_to_the_end() -> None:
    text = "# Recipes\n\n````\n```\n" + PIPELINE.split("```python")[1].split("```")[0]
    text = text.format(step="", saved="GrainSet", argument="")
    assert [statement.mention for statement in declared(Subject(TARGET), card(text))] == ["oven/bran-qa"]
