"""Whose name it is: the subject's own, a sibling's, or another's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules.mentions import Form, Mention
from lineage_platform.catalog import ids
from lineage_platform.documents.reading import Reading

_HUB = re.compile(r"(?:huggingface\.co|hf\.co|hf-mirror\.com)/(?:datasets/|collections/)?([\w.-]+)(?:/([\w.-]+))?")
_SHORT = 5  # letters: a shorter name is too common to begin a family


def key(name: str) -> str:
    """A name's last part in a form for comparing, generic words and versions of spelling aside."""
    return ids.normalise_name(
        re.sub(r"\b(?:the|datasets?|data|corpus|benchmark)\b", " ", name.rsplit("/", 1)[-1], flags=re.I)
    )


@dataclass(frozen=True)
class Household:
    """The names that belong to the subject's makers in one document."""

    subject: Subject
    document: Reading

    @cached_property
    def owners(self) -> frozenset[str]:
        """Accounts of the makers: of the subject, and of the repository that is read."""
        found = {part.split("/")[0].lower() for part in (self.subject.name, *self.subject.also_known_as) if "/" in part}
        home = ids.off_hub_id(self.document.document.url)
        return frozenset(
            found | ({home.removeprefix("github:").split("/")[0]} if home.startswith("github:") else set())
        )

    @cached_property
    def own(self) -> frozenset[str]:
        """Every name of the subject, for comparing."""
        pretty = self.document.front_matter.get("pretty_name")
        names = [self.subject.name, *self.subject.also_known_as, *([pretty] if isinstance(pretty, str) else [])]
        return frozenset(filter(None, map(key, names)))

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Beginnings of names that are the makers' own: the repository's and the subject's."""
        home = ids.off_hub_id(self.document.document.url)
        names = {*self.own, *([key(home)] if home.startswith("github:") else [])}
        return tuple(sorted(name for name in names if len(name) >= _SHORT))

    @cached_property
    def siblings(self) -> dict[str, str]:
        """Other datasets of the same makers that the document links to: compared form to name as written."""
        found: dict[str, str] = {}
        for match in _HUB.finditer(self.document.clean.text):
            if (
                match[2]
                and match[1].lower() in self.owners
                and "datasets/" in match[0]
                and key(match[2]) not in self.own
            ):
                found.setdefault(key(match[2]), match[2])
        return found

    def is_self(self, mention: Mention) -> bool:
        """Whether a mention is the subject, the repository read, or a part of it."""
        names = self._forms(mention)
        if names & self.own:
            return not self._is_others(mention)
        if mention.form is Form.HUB:
            return False
        home = ids.off_hub_id(self.document.document.url)
        if mention.link and not mention.link.startswith("http"):
            return True
        return bool(mention.link and ids.off_hub_id(mention.link) == home) or any(
            name.startswith(self.families) for name in names if self.families
        )

    def _is_others(self, mention: Mention) -> bool:
        """Whether a name is the same, but the account another's: a copy is not its original."""
        hub = ids.hub_dataset(mention.link) if mention.link else None
        full = hub[0] if hub else mention.name if mention.form is Form.ID else ""
        return "/" in full and "/" in self.subject.name and full.split("/")[0].lower() not in self.owners

    def is_kin(self, mention: Mention) -> bool:
        """Whether a mention is another dataset of the same makers."""
        hub = ids.hub_dataset(mention.link) if mention.link else None
        account = (hub[0] if hub else mention.name).split("/")[0].lower()
        return account in self.owners or bool(self._forms(mention) & self.siblings.keys())

    def _forms(self, mention: Mention) -> set[str]:
        hub = ids.hub_dataset(mention.link) if mention.link else None
        return {form for form in (key(mention.name), key(hub[0]) if hub else "") if form}
