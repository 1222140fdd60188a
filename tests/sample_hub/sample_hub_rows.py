"""Make the rows of the sample hub anew: ``python -m tests.sample_hub.sample_hub_rows``.

The plan is in ``sample_hub_plan.py``. A file is rewritten only if its rows differ, so that another version of a
compressor or of a Parquet writer changes nothing.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from tests.sample_hub.invented_texts import Row, solved_by
from tests.sample_hub.sample_hub_plan import sample_rows

SAMPLE_HUB = Path(__file__).resolve().parents[2] / "lineage_platform" / "sample_hub"


# How a row is written down -------------------------------------------------------------------------------------------

Shape = Callable[[Row], dict[str, Any]]


def columns(instruction: str, output: str, input: str | None = None) -> Shape:
    """A flat row under these column names."""

    def shape(row: Row) -> dict[str, Any]:
        middle = {input: row.input} if input else {}
        return {instruction: row.instruction, **middle, output: row.output}

    return shape


def conversations(user: str = "human", assistant: str = "gpt", system: str = "") -> Shape:
    """ShareGPT turns, led by a system turn where there is one."""

    def shape(row: Row) -> dict[str, Any]:
        first = [{"from": "system", "value": system}] if system else []
        turns = [{"from": user, "value": row.instruction}, {"from": assistant, "value": row.output}]
        return {"conversations": first + turns}

    return shape


def messages(row: Row) -> dict[str, Any]:
    """Chat messages; a second exchange is there only to be kept aside."""
    turns = [("user", row.instruction), ("assistant", row.output), ("user", "Thank you."), ("assistant", "Gladly.")]
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def self_instruct(row: Row) -> dict[str, Any]:
    """An instruction with a list of instances."""
    return {"instruction": row.instruction, "instances": [{"input": row.input, "output": row.output}]}


def preference(row: Row) -> dict[str, Any]:
    """A prompt with a chosen and a rejected answer."""
    rejected = solved_by("Falcon", [row])[0].output
    return {"prompt": row.instruction, "chosen": row.output, "rejected": rejected}


def _extended(shape: Shape, **more: Any) -> Shape:
    """``shape`` with further columns that say nothing about the triplet."""
    return lambda row: {**shape(row), **more}


ALPACA = columns("instruction", "output", "input")
INSTRUCTION_OUTPUT = columns("instruction", "output")
INSTRUCTION_RESPONSE = columns("instruction", "response")
PROBLEM_SOLUTION = columns("problem", "solution")
PROMPT_COMPLETION = columns("prompt", "completion")
QUERY_ANSWER = columns("query", "answer")
QUERY_RESPONSE = columns("query", "response")
QUESTION_ANSWER = columns("question", "answer")
QUESTION_SOLUTION = columns("question", "solution")
SHAREGPT = conversations()

FILES: dict[str, tuple[str, Shape]] = {
    "AI-MO/NuminaMath-CoT": ("train.jsonl.gz", PROBLEM_SOLUTION),
    "BAAI/TACO": ("train.jsonl.gz", QUESTION_SOLUTION),
    "EleutherAI/hendrycks_math#algebra": ("algebra/train.jsonl", _extended(PROBLEM_SOLUTION, type="Algebra")),
    "EleutherAI/hendrycks_math#geometry": ("geometry/train.jsonl", _extended(PROBLEM_SOLUTION, type="Geometry")),
    "GAIR/LIMO": ("limo.jsonl", PROBLEM_SOLUTION),
    "HuggingFaceH4/CodeAlpaca_20K": ("train.jsonl.gz", PROMPT_COMPLETION),
    "HuggingFaceH4/MATH-500": ("test.jsonl", PROBLEM_SOLUTION),
    "KbsdJames/Omni-MATH": ("test.jsonl", _extended(PROBLEM_SOLUTION, difficulty=7.5)),
    "LHL3341/Caco-1.3M": ("train.jsonl.gz", QUERY_RESPONSE),
    "PrimeIntellect/LiveCodeBench-v5": ("train.jsonl", QUESTION_ANSWER),
    "PrimeIntellect/SYNTHETIC-2-SFT-verified": ("train.jsonl.gz", PROMPT_COMPLETION),
    "QizhiPei/ScaleDiff-Math": ("train.jsonl.gz", ALPACA),
    "RabotniKuma/Fast-Math-R1-SFT": ("train.jsonl.gz", PROBLEM_SOLUTION),
    "Skywork/Skywork-OR1-RL-Data#code": ("code/train.jsonl.gz", messages),
    "Skywork/Skywork-OR1-RL-Data#math": ("math/train.jsonl.gz", messages),
    "SynthLabsAI/Big-Math-RL-Verified": ("train.parquet", PROBLEM_SOLUTION),
    "TIGER-Lab/MathInstruct": ("MathInstruct.json", INSTRUCTION_OUTPUT),
    "TIGER-Lab/TheoremQA": ("test.json", _extended(columns("Question", "Answer"), Picture=None)),
    "TIGER-Lab/WebInstruct-CFT": ("train.jsonl.gz", ALPACA),
    "TIGER-Lab/WebInstructSub": ("train.jsonl.gz", QUESTION_ANSWER),
    "WizardLMTeam/WizardLM_evol_instruct_V2_196k": ("evol.json", SHAREGPT),
    "a-m-team/AM-Thinking-v1-Distilled": ("math.jsonl.gz", conversations(assistant="assistant")),
    "agentica-org/DeepCoder-Preview-Dataset#lcbv5": ("lcbv5/train.jsonl", PROBLEM_SOLUTION),
    "agentica-org/DeepCoder-Preview-Dataset#primeintellect": ("primeintellect/train.jsonl", PROBLEM_SOLUTION),
    "agentica-org/DeepCoder-Preview-Dataset#taco": ("taco/train.jsonl", PROBLEM_SOLUTION),
    "agentica-org/DeepScaleR-Preview-Dataset": ("deepscaler.json", PROBLEM_SOLUTION),
    "ajibawa-2023/Python-Code-23k-ShareGPT": ("train.json", SHAREGPT),
    "alibaba-pai/OmniThought": ("train.jsonl.gz", QUESTION_ANSWER),
    "alibaba-pai/OmniThought-0528": ("train.jsonl.gz", QUESTION_ANSWER),
    "camel-ai/math": ("train.jsonl.gz", QUESTION_ANSWER),
    "camel-ai/physics": ("train.jsonl.gz", QUESTION_ANSWER),
    "codeparrot/apps": ("train.jsonl", QUESTION_SOLUTION),
    "deepmind/aqua_rat": ("train.jsonl", _extended(QUESTION_ANSWER, options=["A", "B", "C"])),
    "garage-bAInd/Open-Platypus": ("train.jsonl.gz", ALPACA),
    "hakurei/open-instruct-v1": ("train.jsonl.gz", ALPACA),
    "hoanganhpham/openr1_hard": ("train.jsonl", PROBLEM_SOLUTION),
    "ise-uiuc/Magicoder-Evol-Instruct-110K": ("train.jsonl.gz", INSTRUCTION_RESPONSE),
    "ise-uiuc/Magicoder-OSS-Instruct-75K": ("train.jsonl", _extended(PROBLEM_SOLUTION, lang="python")),
    "jondurbin/airoboros-gpt4-1.4.1": ("instructions.jsonl", INSTRUCTION_RESPONSE),
    "justus27/reasoning-gym-genesys": ("train.jsonl.gz", QUESTION_ANSWER),
    "m-a-p/CodeFeedback-Filtered-Instruction": ("train.jsonl.gz", QUERY_ANSWER),
    "microsoft/orca-math-word-problems-200k": ("train.jsonl.gz", QUESTION_ANSWER),
    "nickrosh/Evol-Instruct-Code-80k-v1": ("train.json", INSTRUCTION_OUTPUT),
    "nvidia/Llama-Nemotron-Post-Training-Dataset#code": ("code/train.jsonl", messages),
    "nvidia/Llama-Nemotron-Post-Training-Dataset#math": ("math/train.jsonl", messages),
    "nvidia/Llama-Nemotron-Post-Training-Dataset#science": ("science/train.jsonl", messages),
    "nvidia/OpenCodeReasoning": ("train.jsonl.gz", INSTRUCTION_RESPONSE),
    "nvidia/OpenMathInstruct-2": ("train.jsonl.gz", PROBLEM_SOLUTION),
    "nvidia/OpenMathReasoning": ("cot.jsonl.gz", PROBLEM_SOLUTION),
    "open-r1/OpenR1-Math-220k#default": ("default/train.jsonl.gz", _extended(PROBLEM_SOLUTION, correct=True)),
    "open-r1/OpenR1-Math-220k#extended": ("extended/train.jsonl.gz", _extended(PROBLEM_SOLUTION, correct=True)),
    "open-thoughts/OpenThoughts-114k": ("train.jsonl.gz", conversations("user", "assistant")),
    "open-thoughts/OpenThoughts2-1M": ("train.jsonl.gz", conversations("user", "assistant")),
    "openai/gsm8k": ("train.jsonl.gz", QUESTION_ANSWER),
    "openbmb/UltraFeedback": ("train.jsonl.gz", preference),
    "prithivMLmods/Open-Omega-Forge-1M": ("train.jsonl.gz", PROBLEM_SOLUTION),
    "qihoo360/Light-R1-SFTData#stage1": ("stage1/train.jsonl.gz", conversations("user", "assistant")),
    "qihoo360/Light-R1-SFTData#stage2": ("stage2/train.jsonl.gz", conversations("user", "assistant")),
    "sahil2801/CodeAlpaca-20k": ("code_alpaca_20k.json", ALPACA),
    "sample-hostile-org/polite-request": ("train.jsonl", INSTRUCTION_OUTPUT),
    "sample-org/chat-digest": ("train.jsonl", conversations(system="You are a cook.")),
    "sample-org/contest-digest": ("train.jsonl", PROBLEM_SOLUTION),
    "sample-org/from-scratch-proofs": ("train.jsonl", PROBLEM_SOLUTION),
    "sample-org/geometry-drills": ("train.jsonl", QUESTION_ANSWER),
    "sample-org/nemotron-slices": ("train.jsonl", messages),
    "sample-org/off-hub-only": ("train.jsonl", PROMPT_COMPLETION),
    "stingning/ultrachat": ("train.jsonl.gz", messages),
    "tatsu-lab/alpaca": ("alpaca_data.json", ALPACA),
    "teknium/OpenHermes-2.5": ("openhermes2_5.json", SHAREGPT),
    "theblackcat102/evol-codealpaca-v1": ("train.jsonl.gz", INSTRUCTION_OUTPUT),
    "truthfulqa/truthful_qa": ("validation.jsonl", _extended(QUESTION_ANSWER, category="Misconceptions")),
    "xw27/scibench": ("train.jsonl", _extended(columns("problem_text", "answer"), unit="")),
    "yizhongw/self_instruct": ("train.jsonl.gz", self_instruct),
    "zwhe99/DeepMath-103K": ("train.jsonl.gz", QUESTION_ANSWER),
}


# Files ---------------------------------------------------------------------------------------------------------------


def path_of(key: str, root: Path = SAMPLE_HUB) -> Path:
    """Where the rows of a dataset, or of one of its parts, lie."""
    return root / "datasets" / key.split("#")[0] / "data" / FILES[key][0]


def read(path: Path) -> list[dict[str, Any]]:
    """Every row of a file, as it is written there."""
    if path.suffix == ".parquet":
        cursor = duckdb.execute("select * from read_parquet(?)", [str(path)])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
    if path.suffix == ".json":
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines()]


def encode(path: Path, rows: list[dict[str, Any]]) -> bytes:
    """The bytes of a file with these rows, in the format that its name says."""
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    if path.suffix == ".parquet":
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "rows.jsonl"), Path(folder, "rows.parquet")
            source.write_bytes(lines)
            duckdb.execute(f"copy (select * from read_json('{source}')) to '{target}' (format parquet)")
            return target.read_bytes()
    if path.suffix == ".gz":
        return gzip.compress(lines, mtime=0)
    if path.suffix == ".json":
        return (json.dumps(rows, ensure_ascii=False, indent=0) + "\n").encode()
    return lines


def write(root: Path = SAMPLE_HUB) -> list[Path]:
    """Bring every row file under ``root`` up to date and return those that changed."""
    changed = []
    for key, rows in sample_rows().items():
        path, shaped = path_of(key, root), [FILES[key][1](row) for row in rows]
        if not path.exists() or read(path) != shaped:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(path, shaped))
            changed.append(path)
    return changed


if __name__ == "__main__":
    for changed in write():
        print(changed)
