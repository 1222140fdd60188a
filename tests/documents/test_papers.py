"""Papers: text from a PDF that may be anything, and the text without what the paper merely cites."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from pypdf import PdfWriter

from lineage_platform.documents import papers
from lineage_platform.documents.papers import extract_text
from lineage_platform.errors import UnreadableDocument
from tests.documents.support import paper, shown


def pdf(*pages: list[str], stream: bytes | None = None) -> bytes:
    """A small PDF: one list of lines per page; ``stream`` replaces the first page's content, deflated."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for number, lines in enumerate(pages):
        shows = b" T* ".join(b"(" + line.encode("cp1252") + b") Tj" for line in lines)
        content = b"BT /F1 12 Tf 14 TL 50 750 Td " + shows + b" ET"
        extra = b""
        if stream is not None and number == 0:
            content, extra = stream, b" /Filter /FlateDecode"
        objects.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(content), extra, content))
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


# PDFs ----------------------------------------------------------------------------------------------------------------


def test_the_text_of_all_pages_comes_in_order() -> None:
    text = extract_text(pdf(["Our data", "is made from GSM8K."], ["Second page."]))
    assert text.split("\n\n") == ["Our data\nis made from GSM8K.", "Second page."]


def test_words_parted_by_line_ends_are_whole_again() -> None:
    text = extract_text(pdf(["We publish a new data-", "set for post-", "training. In post-training it matters."]))
    assert "a new dataset for post-training." in " ".join(text.split())


def test_a_hyphen_before_a_capital_stays() -> None:
    assert "GPT-Neo" in extract_text(pdf(["made with GPT-", "Neo models"]))


@pytest.mark.parametrize("body", [b"", b"<html>Not found</html>", b"hello", b"\x89PNG\r\n", b" " * 3000 + b"%PDF-1.4"])
def test_a_pdf_that_is_not_one_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="not a PDF"):
        extract_text(body)


def test_a_broken_pdf_is_unreadable_in_one_line() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        extract_text(b"%PDF-1.4\n" + b"\xff\xfe\0 nonsense " * 100)
    assert "the PDF cannot be read" in caught.value.message
    assert "\n" not in caught.value.message
    with pytest.raises(UnreadableDocument):
        extract_text(pdf(["words"])[:200])


def test_an_encrypted_pdf_is_unreadable() -> None:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(out)
    with pytest.raises(UnreadableDocument, match="encrypted"):
        extract_text(out.getvalue())


def test_a_pdf_without_text_is_unreadable() -> None:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(out)
    with pytest.raises(UnreadableDocument, match="holds no text"):
        extract_text(out.getvalue())


def test_a_bomb_is_unreadable() -> None:
    bomb = zlib.compress(b"BT /F1 12 Tf " + b"(x) Tj " * 60_000_000 + b" ET", 1)
    with pytest.raises(UnreadableDocument, match="the PDF cannot be read"):
        extract_text(pdf(["x"], stream=bomb))


def test_a_pdf_that_takes_too_long_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "MAX_SECONDS", 0.01)
    with pytest.raises(UnreadableDocument, match="within"):
        extract_text(pdf(["words"]))


def test_no_secret_reaches_the_process_that_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    spy = tmp_path / "pdf_child.py"
    spy.write_text("import os, sys; sys.stdout.write(str('HF_TOKEN' in os.environ))")
    monkeypatch.setattr(papers, "__file__", str(tmp_path / "papers.py"))
    assert extract_text(pdf(["words"])) == "False"


# The text of a paper -------------------------------------------------------------------------------------------------

BODY = "Title\n\nAbstract\nWe made a set.\n\n1 Introduction\n" + "It was made from GSM8K by hand.\n" * 20
CITED = "".join(f"[{n}] A. Author and B. Other. A Study of Things. In Proceedings, 20{n:02}.\n" for n in range(10, 30))


def test_the_list_of_references_is_out() -> None:
    text = shown(paper(f"{BODY}\nReferences\n{CITED}"))
    assert "made from GSM8K" in text
    assert "Author" not in text
    assert "References" not in text


@pytest.mark.parametrize("heading", ["References", "REFERENCES", "7 References", "Bibliography", "References:"])
@pytest.mark.parametrize(
    "appendix",
    ["A Data Sources", "A.1 Details of the Data", "Appendix", "Appendix B: Data", "8 Implementation Details"],
)
def test_appendices_behind_the_references_stay(heading: str, appendix: str) -> None:
    text = shown(paper(f"{BODY}\n{heading}\n{CITED}\n{appendix}\nThe seeds come from MATH and APPS.\n"))
    assert "The seeds come from MATH and APPS." in text
    assert "Author" not in text


def test_a_title_among_the_references_ends_them_not() -> None:
    cited = CITED.replace("A Study of Things. ", "\nA Study of Things\nin many parts. ")
    assert "many parts" not in paper(f"{BODY}\nReferences\n{cited}").clean.text


def test_the_references_of_a_table_of_contents_take_nothing() -> None:
    assert "made from GSM8K" in paper(f"Contents\n1 Introduction\nReferences\n\n{BODY}{BODY}").clean.text


def test_a_paper_without_references_is_read_whole() -> None:
    assert paper(BODY).clean.text == BODY


def test_the_platforms_own_paper_keeps_its_appendices(real_data: Path) -> None:
    text = (real_data / "paper" / "tracing-the-roots.txt").read_text(encoding="utf-8")
    assert "Implementation Details of Automatic Provenance Framework" in paper(text).clean.text
