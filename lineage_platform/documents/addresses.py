"""Which document a link leads to: many addresses are the same repository or the same paper."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lineage_platform.catalog.ids import hub_dataset, off_hub_id
from lineage_platform.errors import FetchRefused
from lineage_platform.records import DocumentKind


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub; its README is the document."""

    owner: str
    name: str

    @property
    def url(self) -> str:
        """The one address of the repository: GitHub ignores case."""
        return f"https://github.com/{self.owner}/{self.name}".lower()


@dataclass(frozen=True)
class ArxivPaper:
    """A paper on arXiv, in its newest version."""

    arxiv_id: str

    @property
    def url(self) -> str:
        """The address of its abstract, without a version."""
        return f"https://arxiv.org/abs/{self.arxiv_id}"


@dataclass(frozen=True)
class Page:
    """Any other address."""

    url: str


Address = Repository | ArxivPaper | Page


def locate(url: str) -> Address:
    """The document that an address leads to.

    Raises
    ------
    FetchRefused
        The address is a dataset on the Hub, which is traced, not read; or it is no web address.
    """
    url = url.strip()
    if hub_dataset(url):
        raise FetchRefused(f"{url} is a dataset on the Hub, not a document")
    scheme, _, name = off_hub_id(url).partition(":")
    if scheme == "github":
        owner, repository = _segments(url)[:2]
        return Repository(owner, repository.removesuffix(".git"))
    if scheme == "arxiv":
        return ArxivPaper(name)
    if scheme != "url" or not url.lower().startswith(("http://", "https://")):
        raise FetchRefused(f"{url[:200]!r} is not a web address")
    address = urlsplit(url)
    return Page(address._replace(scheme=address.scheme.lower(), netloc=address.netloc.lower(), fragment="").geturl())


def kind_of(address: Address, said: DocumentKind) -> DocumentKind:
    """What kind of document lies there: the address decides where it can, else the link's own word counts."""
    if isinstance(address, Repository):
        return DocumentKind.REPOSITORY
    if isinstance(address, ArxivPaper):
        return DocumentKind.PAPER
    return DocumentKind.PAPER if said is DocumentKind.PAPER else DocumentKind.BLOG


def _segments(url: str) -> list[str]:
    address = url if "://" in url else f"https://{url}"
    return [unquote(segment) for segment in urlsplit(address).path.split("/") if segment]
