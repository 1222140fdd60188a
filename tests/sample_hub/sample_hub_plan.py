"""Which invented rows each dataset of the sample hub holds, and from which other dataset it took them.

What overlaps follow is in ``expected_rows.json``.
"""

from __future__ import annotations

from dataclasses import replace

from tests.sample_hub.invented_texts import Row, pool, solved_by

Rows = dict[str, list[Row]]


# Overlap made on purpose ---------------------------------------------------------------------------------------------


def retyped(rows: list[Row]) -> list[Row]:
    """The same questions with other case and white space: equal only once normalised."""
    return [replace(row, instruction=row.instruction.upper().replace(" ", "  ") + " ") for row in rows]


def wrapped(rows: list[Row], before: str, after: str = "") -> list[Row]:
    """The same questions inside a longer prompt."""
    return [replace(row, instruction=f"{before} {row.instruction} {after}".strip()) for row in rows]


# What each dataset holds ---------------------------------------------------------------------------------------------


def sample_rows() -> Rows:
    """Rows by dataset, or ``dataset#part`` where it has parts."""
    rows: Rows = {}
    for step in (_benchmarks, _math_roots, _math_mixes, _math_late, _code, _general, _mixed, _invented):
        step(rows)
    return rows


def _benchmarks(rows: Rows) -> None:
    rows["KbsdJames/Omni-MATH"] = pool("omni", "contest", 100)
    theorems = pool("theoremqa", "science", 79)
    rows["TIGER-Lab/TheoremQA"] = [*theorems, replace(theorems[7], output="see the picture")]
    rows["xw27/scibench"] = pool("scibench", "science", 70)
    rows["truthfulqa/truthful_qa"] = pool("truthful", "claim", 60)
    rows["PrimeIntellect/LiveCodeBench-v5"] = pool("livecodebench", "code", 40)
    rows["EleutherAI/hendrycks_math#algebra"] = pool("algebra", "contest", 100)
    rows["EleutherAI/hendrycks_math#geometry"] = pool("geometry", "contest", 60)
    rows["HuggingFaceH4/MATH-500"] = rows["EleutherAI/hendrycks_math#geometry"][40:60]
    rows["openai/gsm8k"] = pool("gsm8k", "word", 120)
    rows["deepmind/aqua_rat"] = pool("aqua", "word", 30)
    rows["codeparrot/apps"] = pool("apps", "code", 80)


def _math_roots(rows: Rows) -> None:
    algebra, gsm8k = rows["EleutherAI/hendrycks_math#algebra"], rows["openai/gsm8k"]
    geometry, omni = rows["EleutherAI/hendrycks_math#geometry"], rows["KbsdJames/Omni-MATH"]
    orca = rows["microsoft/orca-math-word-problems-200k"] = pool("orca", "word", 150, "GPT-4")
    rows["camel-ai/math"] = pool("camel math", "contest", 50, "GPT-4")
    rows["hoanganhpham/openr1_hard"] = pool("hard", "contest", 60)
    rows["justus27/reasoning-gym-genesys"] = pool("gym", "code", 80)
    numina = rows["AI-MO/NuminaMath-CoT"] = [
        *gsm8k[:50],
        *algebra[:60],
        *orca[:60],
        *pool("cn_k12", "word", 35),
        *pool("aops", "contest", 35),
    ]
    rows["nvidia/OpenMathInstruct-2"] = [
        *solved_by("Llama", gsm8k[:30]),
        *solved_by("Llama", algebra[:40]),
        *geometry[:6],
        *pool("augmented", "contest", 60, "Llama"),
    ]
    rows["agentica-org/DeepScaleR-Preview-Dataset"] = [
        *omni[:60],
        *retyped(omni[60:70]),
        *pool("aime", "contest", 60),
        *pool("amc", "contest", 50),
        *pool("still", "contest", 40),
    ]
    rows["SynthLabsAI/Big-Math-RL-Verified"] = [
        *omni[20:65],
        *wrapped(omni[65:72], "Here is a question that used to have options:", "Answer it without them."),
        *algebra[:50],
        *gsm8k[:50],
        *orca[60:140],
        *pool("harp", "contest", 40),
        *numina[170:200],
    ]


def _math_mixes(rows: Rows) -> None:
    omni, numina = rows["KbsdJames/Omni-MATH"], rows["AI-MO/NuminaMath-CoT"]
    geometry, deepscaler = rows["EleutherAI/hendrycks_math#geometry"], rows["agentica-org/DeepScaleR-Preview-Dataset"]
    # The first ten keep the solution they had, here and in OpenThoughts-114k.
    openr1 = rows["open-r1/OpenR1-Math-220k#default"] = [*numina[:10], *solved_by("R1", numina[50:160])]
    rows["open-r1/OpenR1-Math-220k#extended"] = solved_by("R1", numina[170:205])
    thoughts = rows["open-thoughts/OpenThoughts-114k"] = [
        *numina[:10],
        *solved_by("R1 again", numina[40:80]),
        *solved_by("R1", rows["codeparrot/apps"][:25]),
        *solved_by("R1", _taco(rows)[:25]),
        *solved_by("R1", pool("code contests", "code", 20)),
        *solved_by("R1", pool("camel physics", "science", 20)),
    ]
    limo = rows["GAIR/LIMO"] = [
        *solved_by("LIMO", omni[:6]),
        *geometry[:6],
        *solved_by("LIMO", deepscaler[70:85]),
        *solved_by("LIMO", numina[205:230]),
    ]
    rows["qihoo360/Light-R1-SFTData#stage1"] = [
        *openr1[:35],
        *thoughts[:40],
        *rows["nvidia/OpenMathInstruct-2"][60:90],
        *solved_by("R1", rows["EleutherAI/hendrycks_math#algebra"][80:95]),
    ]
    rows["qihoo360/Light-R1-SFTData#stage2"] = [*openr1[35:60], *limo[:30], *solved_by("R1", omni[80:92])]
    rows["RabotniKuma/Fast-Math-R1-SFT"] = [
        *openr1[:80],
        *rows["hoanganhpham/openr1_hard"][:30],
        *rows["qihoo360/Light-R1-SFTData#stage2"],
    ]
    rows["Skywork/Skywork-OR1-RL-Data#math"] = [*omni[:90], *deepscaler[:40], *deepscaler[70:110], *numina[60:110]]
    rows["Skywork/Skywork-OR1-RL-Data#code"] = [*pool("leetcode", "code", 20), *_taco(rows)[:25]]


def _math_late(rows: Rows) -> None:
    omni, math = rows["KbsdJames/Omni-MATH"], rows["Skywork/Skywork-OR1-RL-Data#math"]
    rows["PrimeIntellect/SYNTHETIC-2-SFT-verified"] = [
        *solved_by("R1-0528", math[:25]),
        *wrapped(solved_by("R1-0528", math[25:30]), "Solve this and put the answer in a box."),
        *solved_by("R1-0528", math[180:210]),
        *solved_by("R1-0528", rows["Skywork/Skywork-OR1-RL-Data#code"][:25]),
        *solved_by("R1-0528", rows["justus27/reasoning-gym-genesys"][:60]),
    ]
    rows["LHL3341/Caco-1.3M"] = [
        *solved_by("Caco", omni[:10]),
        *solved_by("Caco", rows["SynthLabsAI/Big-Math-RL-Verified"][:30]),
        *wrapped(solved_by("Caco", omni[60:65]), "Think of the program first."),
        *solved_by("Caco", rows["EleutherAI/hendrycks_math#algebra"][:40]),
        *pool("caco", "contest", 60, "Caco"),
    ]


def _taco(rows: Rows) -> list[Row]:
    """TACO took over thirty problems of APPS, solutions and all."""
    return [*rows["codeparrot/apps"][:30], *pool("taco", "code", 50)]


def _code(rows: Rows) -> None:
    apps, taco = rows["codeparrot/apps"], _taco(rows)
    rows["BAAI/TACO"] = taco
    seeds = rows["sahil2801/CodeAlpaca-20k"] = pool("codealpaca", "code", 60, "davinci")
    rows["HuggingFaceH4/CodeAlpaca_20K"] = seeds
    evolved = rows["theblackcat102/evol-codealpaca-v1"] = [*seeds[:10], *pool("evol codealpaca", "code", 70, "GPT-4")]
    magicoder = rows["ise-uiuc/Magicoder-Evol-Instruct-110K"] = evolved[:65]
    oss = rows["ise-uiuc/Magicoder-OSS-Instruct-75K"] = pool("oss", "code", 60, "GPT-3.5")
    evol80 = rows["nickrosh/Evol-Instruct-Code-80k-v1"] = [*seeds[:15], *pool("evol code", "code", 50, "GPT-3.5")]
    python = rows["ajibawa-2023/Python-Code-23k-ShareGPT"] = pool("python code", "code", 40, "GPT-4")
    rows["m-a-p/CodeFeedback-Filtered-Instruction"] = [*magicoder[:40], *evol80[:35], *oss[:30], *python[:20]]
    reasoning = rows["nvidia/OpenCodeReasoning"] = [
        *taco[:20],
        *apps[:20],
        *solved_by("R1", taco[30:80]),
        *solved_by("R1", apps[30:60]),
        *solved_by("R1", pool("aizu", "code", 20)),
    ]
    rows["nvidia/Llama-Nemotron-Post-Training-Dataset#code"] = [*apps[:25], *taco[30:45]]
    rows["nvidia/Llama-Nemotron-Post-Training-Dataset#math"] = pool("nemotron math", "contest", 30, "Llama")
    rows["nvidia/Llama-Nemotron-Post-Training-Dataset#science"] = pool("nemotron science", "science", 25, "Llama")
    math_reasoning = rows["nvidia/OpenMathReasoning"] = [
        *rows["nvidia/Llama-Nemotron-Post-Training-Dataset#code"][:15],
        *pool("aops forum", "contest", 60, "QwQ"),
    ]
    rows["prithivMLmods/Open-Omega-Forge-1M"] = [*reasoning[20:50], *math_reasoning[:40], *pool("mathx", "contest", 30)]
    benchmark = rows["PrimeIntellect/LiveCodeBench-v5"]
    rows["agentica-org/DeepCoder-Preview-Dataset#taco"] = pool("taco verified", "code", 30)
    rows["agentica-org/DeepCoder-Preview-Dataset#primeintellect"] = pool("synthetic-1", "code", 40)
    rows["agentica-org/DeepCoder-Preview-Dataset#lcbv5"] = benchmark[:32]


def _general(rows: Rows) -> None:
    instructions = rows["yizhongw/self_instruct"] = pool("self-instruct", "task", 100, "davinci")
    alpaca = rows["tatsu-lab/alpaca"] = [
        *instructions,
        *[replace(row, input=f"Draft {number}") for number, row in enumerate(pool("alpaca", "task", 25, "davinci"))],
    ]
    code = rows["sahil2801/CodeAlpaca-20k"]
    rows["hakurei/open-instruct-v1"] = [*alpaca, *instructions, *code[:15]]
    wizard = rows["WizardLMTeam/WizardLM_evol_instruct_V2_196k"] = [
        *alpaca[90:100],
        *pool("evol instruct", "task", 60, "ChatGPT"),
    ]
    chats = rows["stingning/ultrachat"] = pool("ultrachat", "task", 60, "ChatGPT")
    claims = rows["truthfulqa/truthful_qa"]
    prompts = [*claims[:59], *wizard[10:30], *chats[:30], *pool("falseqa", "claim", 20)]
    rows["openbmb/UltraFeedback"] = solved_by("Vicuna", prompts)
    airoboros = rows["jondurbin/airoboros-gpt4-1.4.1"] = pool("airoboros", "task", 40, "GPT-4")
    physics = rows["camel-ai/physics"] = pool("camel physics", "science", 50, "GPT-4")
    platypus = rows["garage-bAInd/Open-Platypus"] = [
        *solved_by("Platypus", rows["TIGER-Lab/TheoremQA"][:56]),
        *solved_by("Platypus", rows["xw27/scibench"][:53]),
        *retyped(solved_by("Platypus", rows["xw27/scibench"][53:56])),
        *rows["EleutherAI/hendrycks_math#algebra"][60:100],
        *airoboros[:20],
    ]
    rows["teknium/OpenHermes-2.5"] = [
        *airoboros[:30],
        *platypus[:49],
        *platypus[56:102],
        *platypus[152:162],
        *physics[:30],
        *rows["camel-ai/math"][:20],
        *wizard[10:40],
    ]


def _mixed(rows: Rows) -> None:
    theorems, hermes = rows["TIGER-Lab/TheoremQA"], rows["teknium/OpenHermes-2.5"]
    instruct = rows["TIGER-Lab/MathInstruct"] = [
        *solved_by("PoT", theorems[:52]),
        *rows["openai/gsm8k"][:60],
        *rows["EleutherAI/hendrycks_math#algebra"][:40],
        *rows["deepmind/aqua_rat"][:20],
        *rows["camel-ai/math"][:25],
    ]
    web = rows["TIGER-Lab/WebInstructSub"] = [
        *solved_by("Mixtral", hermes[30:38]),
        *retyped(solved_by("Mixtral", hermes[38:42])),
        *solved_by("Mixtral", hermes[79:85]),
        *solved_by("Mixtral", hermes[140:165]),
        *pool("web", "science", 90, "Mixtral"),
    ]
    critique = "Judge whether the solution below the question is right. Question:"
    judged = solved_by("GPT-4o", [*web[:5], *web[12:15], *web[43:113]])
    rows["TIGER-Lab/WebInstruct-CFT"] = [
        *wrapped(judged, critique, "Solution: it follows at once."),
        *solved_by("GPT-4o", web[113:123]),
    ]
    deepmath = rows["zwhe99/DeepMath-103K"] = [
        *solved_by("R1", web[:3]),
        *solved_by("R1", web[12:14]),
        *solved_by("R1", web[43:73]),
        *solved_by("R1", pool("mmiqc", "contest", 40)),
        *solved_by("R1", rows["AI-MO/NuminaMath-CoT"][110:140]),
    ]
    rows["QizhiPei/ScaleDiff-Math"] = [
        *solved_by("Qwen3", deepmath[:2]),
        *solved_by("Qwen3", deepmath[5:25]),
        *pool("scalediff", "contest", 80, "Qwen3"),
    ]
    thoughts = rows["open-thoughts/OpenThoughts2-1M"] = [
        *rows["open-thoughts/OpenThoughts-114k"][:60],
        *solved_by("R1", instruct[:7]),
        *solved_by("R1", instruct[112:140]),
        *solved_by("R1", rows["m-a-p/CodeFeedback-Filtered-Instruction"][:25]),
        *solved_by("R1", rows["ise-uiuc/Magicoder-OSS-Instruct-75K"][30:55]),
        *solved_by("R1", rows["nvidia/OpenMathInstruct-2"][76:96]),
    ]
    omni = rows["alibaba-pai/OmniThought"] = solved_by("QwQ", [*thoughts[55:110], *deepmath[:30]])
    rows["alibaba-pai/OmniThought-0528"] = solved_by("R1-0528", [*omni[5:8], *omni[20:70]])
    rows["a-m-team/AM-Thinking-v1-Distilled"] = solved_by(
        "AM",
        [
            *hermes[30:67],
            *hermes[140:170],
            *rows["SynthLabsAI/Big-Math-RL-Verified"][:25],
            *rows["SynthLabsAI/Big-Math-RL-Verified"][60:90],
            *rows["open-r1/OpenR1-Math-220k#default"][20:50],
            *rows["agentica-org/DeepCoder-Preview-Dataset#lcbv5"][:18],
            *rows["agentica-org/DeepCoder-Preview-Dataset#taco"][:20],
        ],
    )


def _invented(rows: Rows) -> None:
    drills = pool("geometry drills", "word", 20, "teacher")
    rows["sample-org/geometry-drills"] = [*rows["microsoft/orca-math-word-problems-200k"][100:140], *drills]
    rows["sample-org/chat-digest"] = pool("cooking", "task", 40, "ChatGPT")
    rows["sample-org/nemotron-slices"] = [
        *rows["nvidia/Llama-Nemotron-Post-Training-Dataset#math"][:10],
        *rows["nvidia/Llama-Nemotron-Post-Training-Dataset#science"][:10],
        *rows["nvidia/Llama-Nemotron-Post-Training-Dataset#code"][25:35],
    ]
    rows["sample-org/contest-digest"] = [
        *solved_by("digest", rows["GAIR/LIMO"][27:47]),
        *pool("hints", "contest", 20),
    ]
    rows["sample-org/from-scratch-proofs"] = pool("proofs", "contest", 30)
    rows["sample-org/off-hub-only"] = pool("phrases", "task", 30)
    rows["sample-hostile-org/polite-request"] = rows["sahil2801/CodeAlpaca-20k"][40:60]
