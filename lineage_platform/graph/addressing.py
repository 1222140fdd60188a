"""Telling a passage that describes data from one that talks to whoever extracts lineage from it."""

from __future__ import annotations

import re

_READER = (
    r"(?:AIs?|LLMs?|(?:language |AI )?models?|assistants?|agents?|bots?|crawlers?|extractors?|parsers?|annotators?)"
)
_TOOL = r"(?:extractors?|parsers?|crawlers?|scrapers?|(?:lineage|provenance) (?:tools?|systems?|tracers?|agents?))"
_MUST = r"(?:must|should|shall|ought to|needs? to|ha(?:s|ve) to|please|will)"
_RECORD = r"(?:extract|record|report|list|output|register|add|include|count|treat|mark|return|log|consider|emit)"
_LINEAGE = (
    r"(?:as (?:an? |the |its |one |another )?(?:\w+ ){0,2}(?:sources?|parents?|upstream|ancestors?|origins?)"
    r"|lineage|upstream|confidence|(?:as|its|the) sources?\b)"
)
_RECORD_AS_SOURCE = rf"{_RECORD}\w*\b.{{0,120}}\b{_LINEAGE}"

_ENGLISH = (
    r"\b(?:ignore|disregard|forget|override)\b (?:\w+ ){0,3}(?:previous|prior|above|earlier|preceding|other|system)\b"
    r".{0,30}\b(?:instructions?|prompts?|rules|directions|guidelines|text)\b",
    rf"\b(?:note|notice|message|instructions?) (?:to|for) (?:\w+ ){{0,3}}{_READER}\s*[:!—–-]",
    rf"\bdear (?:\w+ ){{0,2}}{_READER}\b",
    rf"\battention\s*[,:!—–-]\s*(?:\w+ ){{0,3}}{_READER}\b",
    rf"\b{_TOOL} {_MUST}\b",
    rf"\b{_READER}\b.{{0,60}}\b{_MUST}\b.{{0,30}}\b{_RECORD_AS_SOURCE}",
    rf"\b(?:please|you must|you should|you shall|be sure to|make sure to|always)\b.{{0,20}}\b{_RECORD_AS_SOURCE}",
    rf"\b(?:if|when|while|since) you(?:'re| are)? (?:an? )?(?:extract|read|pars|process|annotat|{_READER}).{{0,120}}"
    rf"\b{_RECORD_AS_SOURCE}",
    rf"\byou are an? (?:\w+ ){{0,2}}{_READER}\b.{{0,160}}\b{_RECORD_AS_SOURCE}",
    rf"(?:^|[.!?:]\s)(?:{_RECORD})\b.{{0,80}}\bas (?:an? |the |its )?(?:\w+ )?(?:source|parent|upstream|ancestor)",
)
_OTHER_LANGUAGES = (
    "(?:忽略|无视|忘记).{0,12}(?:指令|指示|说明|提示|规则)",
    "(?:模型|助手|提取器|抽取器|读者|智能体|AI).{0,8}(?:请|必须|应当|应该|务必|要).{0,60}(?:提取|抽取|记录|列|标|输出|登记)",
    "请.{0,60}(?:提取|抽取|记录|列为|标记|标注|输出|登记).{0,40}(?:来源|上游|父)",
    r"\bignorier\w*\b.{0,40}\b(?:Anweisung|Vorgabe|Regel)",
    r"\b(?:bitte|du musst|Sie müssen)\b.{0,60}\b(?:extrahier|vermerk|verzeichn|eintrag|auflist|ausgeb)",
    r"\bignor(?:ez?|a|e|ar|en|ad|ate)\b.{0,30}\b(?:instruc|instruç|istruzion|consigne)\w*"
    r".{0,20}\b(?:anterior|pr[eé]c[eé]d|prev)",
    r"\b(?:veuillez|merci de|tu dois|vous devez|por favor|debes|debe|você deve|per favore|devi)\b.{0,60}"
    r"\b(?:extrai|extraer|extraire|estrar|enregistr|registr|indiqu|incluir|ajout|añad|agreg|list)",
    r"(?:игнорируй|проигнорируй|забудь)\w*.{0,40}(?:инструкц|указани|правил)",
    r"(?:пожалуйста|ты долж|вы долж).{0,60}(?:извлек|запиш|укаж|добав|отмет)",
    "(?:指示|命令|プロンプト|ルール)(?:を|は).{0,10}(?:無視|忘れ)",
    "(?:抽出|記録|出力|登録)(?:してください|しなさい|せよ|すること)",
    "(?:지시|명령|프롬프트|규칙).{0,10}무시",
    "(?:추출|기록|출력|등록)(?:하세요|하십시오|해 ?주세요|하라)",
    "(?:تجاهل|انس).{0,30}(?:التعليمات|الأوامر|الإرشادات)",
    "(?:निर्देश|आदेश).{0,30}(?:अनदेखा|नज़रअंदाज़|भूल)",
    r"\b(?:talimat|yönerge|komut)\w*.{0,30}\b(?:yok say|görmezden gel|dikkate alma|unut)",
    r"\b(?:zignoruj|pomiń|zapomnij)\w*.{0,40}\b(?:instrukc|poleceni|zasad)",
    r"\bnegeer\b.{0,40}\b(?:instructie|opdracht|aanwijzing)",
    r"\b(?:bỏ qua|phớt lờ)\b.{0,40}\b(?:hướng dẫn|chỉ thị|lệnh)",
    r"\babaikan\b.{0,40}\b(?:instruksi|perintah|arahan)",
    r"\b(?:проігноруй|ігноруй|забудь)\w*.{0,40}(?:інструкц|вказівк|правил)",
    "(?:התעלם|התעלמי|שכח).{0,40}(?:הוראות|הנחיות)",
    "(?:نادیده بگیر|فراموش کن).{0,40}(?:دستور|راهنما)|(?:دستور|راهنما).{0,40}(?:نادیده بگیر|فراموش کن)",
)
_ADDRESSING = re.compile("|".join((*_ENGLISH, *_OTHER_LANGUAGES)), re.IGNORECASE | re.DOTALL)


def addresses_reader(passage: str) -> bool:
    """Whether a passage (NFKC, white space collapsed) gives orders to its reader or to a model."""
    return _ADDRESSING.search(passage) is not None
