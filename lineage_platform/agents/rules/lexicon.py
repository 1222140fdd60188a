"""Words that say what a name is not: evidence against, never a list of the datasets to find.

Models, tools and organisations stand beside data in every card and are no sources of it; a benchmark's name marks a
source as one, where something else says that it is a source.
"""

from __future__ import annotations

import re

# Families of language models, as a name begins: who answered or was trained, not what went in.
_MODELS = (
    r"gpt|chat-?gpt|text-davinci|davinci|codex|o[134](?:-mini|-preview|-pro)?\b|claude|gemini|palm|bard\b|llama"
    r"|meta-llama"
    r"|code-?llama|qwen|qwq|mistral|mixtral|codestral|deepseek|deepscaler?-\d|phi-\d|gemma|bloomz?\b|bloom-|falcon"
    r"|opt-\d"
    r"|pythia|mpt-|t5\b|flan-t5|flan-ul2|bert\b|roberta|deberta|star-?coder|santacoder|internlm|baichuan|chatglm|glm-"
    r"|grok"
    r"|kimi|yi-\d|nemotron-\d|command-r|jamba|dbrx|olmo|jais|rwkv|xgen|minicpm|vicuna|zephyr|koala\b|guanaco-\d|r1\b"
    r"|wizard-?(?:lm|coder|math)-(?:v|\d|python)|mathstral|minimax|hunyuan|ernie|doubao|moonshot|pangu|whisper|clip\b"
    r"|bge"
)
# Software, formats, methods and methods' acronyms.
_TOOLS = (
    r"vllm|sglang|deepspeed|megatron|llama-?factory|llama\.?cpp|transformers|trl|axolotl|verl|openrlhf|ray|fastchat"
    r"|langchain|llamaindex|lm-?eval\w*|lm-evaluation-harness|opencompass|evalplus|bigcode-evaluation-harness|hydra"
    r"|accelerate"
    r"|peft|q?lora|docker|python|pytorch|conda|wandb|gradio|distilabel|argilla|lilac|spacy|fasttext|nltk|faiss|ollama"
    r"|flashattention|flash-attn|tensorrt\S*|nemo|nemo-\w+|jupyter|colab|slurm|minhash\S*|sympy|latex|markdown|html"
    r"|yaml|readme"
    r"|spark|pandas|parquet|bm25|embeddings?|judge|self-instruct (?:framework|pipeline|method)|evol-?instruct "
    r"(?:method|approach)"
    r"|react|rlhf|rlvr|rlaif|dpo|ppo|grpo|kto|sft|cot|tir|pot|mcts|rag|lean ?4?|isabelle|coq|math-verify"
)
_ORGANISATIONS = (
    r"openai|anthropic|google(?: deepmind| research| translate\S*)?|deepmind|meta(?: ai)?|microsoft(?: research)?"
    r"|nvidia"
    r"|hugging ?face(?: hub)?|databricks|alibaba|amazon(?: mturk)?|stanford(?: university)?|together(?: ai)?|mistral "
    r"ai|ai2|apple"
    r"|allen institute\S*|tsinghua\S*|baai|bigcode|bigscience|eleutherai|laion|tencent|bytedance|ibm|salesforce|cohere"
    r"|scale ai"
    r"|surge ai|mturk|upwork|azure|aws|modelscope|(?:\w+ )?university(?: of \w+)?|acl|emnlp|neurips|nips|iclr|icml"
    r"|naacl|eacl|aaai"
)
# Ordinary words that a capital letter makes look like a name, and acronyms of tasks.
_COMMON = (
    r"a|an|the|this|these|those|that|it|its|we|our|us|i|you|your|they|their|all|each|every|some|any|both|one|two|three"
    r"|four|five"
    r"|here|there|where|when|how|what|why|who|which|if|as|at|by|for|from|in|into|of|on|or|and|to|with|using|via|see"
    r"|note|please|more"
    r"|data|datasets?|dataset card|corpus|corpora|benchmarks?|models?|papers?|codes?|repos?|repository|github|links?"
    r"|table|figure|fig|section"
    r"|appendix|version|v\d[\w.]*|part|stage ?\d*|phase|step|step ?\d+|round ?\d*|epoch|training|train|test|validation"
    r"|val|dev|eval|evaluation|split"
    r"|math|maths|mathematics|coding|code|science|sciences|reasoning|physics|chemistry|biology|general|chat|dialogue"
    r"|conversations?|safety"
    r"|knowledge|others?|misc|medical|medicine|finance|law|legal|history|creative writing|roleplay|writing|translation"
    r"|summarization"
    r"|english|chinese|mandarin|french|german|spanish|italian|portuguese|russian|japanese|korean|arabic|hindi|bengali"
    r"|vietnamese|thai"
    r"|indonesian|turkish|dutch|polish|swedish|finnish|czech|greek|hebrew|ukrainian|urdu|swahili|persian|latin"
    r"|american|european|african|indian|us|uk|eu"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul"
    r"|aug|sept?|oct|nov|dec"
    r"|q&a|qa|q/a|qas|mcqs?|llms?|slms?|vlms?|mllms?|lrms?|ai|agi|ml|nlp|nlg|nlu|rl|rm|prm|orm|ocr|api|apis|json|jsonl"
    r"|csv|tsv|xml|url|urls|pdf|pdfs|sql"
    r"|html|gpu|gpus|cpu|tpu|mit|apache(?:[- ]2(?:\.0)?)?|cc|cc[- ]by\S*|gpl|bsd|license|licence|id|ids|hf|sota|oss"
    r"|faq|tldr|todo|ood|stem|web|internet|wip"
    r"|python ?3?|java|javascript|typescript|c\+\+|cpp|c#|rust|go|golang|ruby|php|bash|shell|scala|swift|kotlin|perl|r"
    r"|julia|html|css"
    r"|total|sum|summary|overall|average|avg|all|mixed|mixture|combined|ours|original|raw|full|subset|subsets|train "
    r"set|n/?a|none|yes|no|true|false"
    r"|user|users|human|humans|assistant|system|input|output|instruction|instructions|response|responses|answer"
    r"|answers|question|questions|prompt"
    r"|prompts|problem|problems|solution|solutions|task|tasks|seed|seeds|example|examples|sample|samples|filtering"
    r"|generation|news|updates?|released?"
    r"|open source|open-source|huggingface|cot|pot|long-cot|instruct|sft data|rl data|dpo data|instruction data"
    r"|chain[- ]of[- ]thought|step[- ]by[- ]step"
    r"|multi-\w+|single-\w+|high-\w+|low-\w+|non-\w+|self-\w+|pre-\w+|post-\w+|large-\w+|open-\w*ended|real-\w+"
    r"|fine-\w+|in-\w+|k-\d+|k12"
)
# Well-known evaluation sets: marks a source as a benchmark; alone it is evidence of evaluation.
_BENCHMARKS = (
    r"gsm-?8k(?:[- ]\w+)?|gsm-?hard|svamp|mawps|asdiv|math-?500|math[- ]perturb|hendrycks[_ -]math|competition[_ -]math"
    r"|aime(?:[ -_']?(?:19|20)?\d\d)?(?: ?\(.*\))?|amc(?:[ -_']?\d+)?|olympiad-?bench|omni-?math|minerva(?:[ -]math)?"
    r"|theoremqa|college-?math"
    r"|aqua(?:-?rat)?|mmlu(?:[- ](?:pro|redux|stem))?|c-?mmlu|c-?eval|agi-?eval|big-?bench(?:[- ]hard)?|bbh|hellaswag"
    r"|winogrande|piqa|siqa"
    r"|arc(?:-?[ec]\w*| challenge)?|boolq|openbookqa|commonsenseqa|truthfulqa|gpqa(?:[- ]?diamond)?|drop|squad\S*"
    r"|hotpotqa|triviaqa|naturalqs?"
    r"|natural ?questions|race|lambada|ifeval|mt-?bench|alpaca-?eval\S*|arena-?hard|wildbench|human-?eval(?:\+|-?x"
    r"|plus|pack)?|mbpp(?:\+|plus)?|apps"
    r"|ds-?1000|livecodebench\S*|livebench|bigcodebench\S*|code-?contests?|code_contests|swe-?bench\S*|cruxeval"
    r"|evalplus|multipl-?e|spider|bfcl"
    r"|tau-?bench|agentbench|webarena|alfworld|scibench|sciq|scieval|jeebench|proofnet|mini-?f2f|putnambench|tydi\S*"
    r"|xnli|xcopa|mgsm|superglue|glue"
    r"|toxigen|realtoxicityprompts|crows-pairs|advbench|harmbench|longbench|needle\S*|mathvista|mmmu|simpleqa|frames"
    r"|hmmt|brumo|kor-?bench|zebralogic"
)
BENCHMARK = re.compile(
    rf"(?:{_BENCHMARKS})(?:[ -](?:dataset|train(?:ing)?(?: set| split)?|test(?: set| split)?|benchmark))?", re.I
)
MODEL = re.compile(rf"(?:the )?(?:{_MODELS})", re.IGNORECASE)
_SIZED = re.compile(
    r"(?:^|[-_ ])\d+(?:\.\d+)?[bB](?:$|[-_ ])|[-_ ](?:instruct|chat|base|gguf|awq|gptq|lora|ckpt)$", re.IGNORECASE
)
_NOT_DATA = re.compile(rf"(?:{_TOOLS}|{_ORGANISATIONS}|{_COMMON})(?:'s|’s)?", re.IGNORECASE)


def is_model(name: str) -> bool:
    """Whether a name is one of a language model: of a known family, or with a size in it."""
    short = name.rsplit("/", 1)[-1]
    return bool(MODEL.match(short) or MODEL.match(name) or _SIZED.search(short))


def is_benchmark(name: str) -> bool:
    """Whether a name is one of a well-known evaluation set."""
    return bool(BENCHMARK.fullmatch(name.rsplit("/", 1)[-1].strip()))


def is_ordinary(name: str) -> bool:
    """Whether a name is a tool, a method, an organisation or an ordinary word."""
    return bool(_NOT_DATA.fullmatch(name.strip()))
