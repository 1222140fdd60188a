"""The report of an audit: ways to the leaks and repeats that a reader can follow, whatever the names in them say."""

from __future__ import annotations

import re

from lineage_platform.audits.audit import Audit, Crossing, Exposure, Known
from lineage_platform.audits.reporting import MOST_PATHS, markdown, one_page, sections

HOSTILE = "a/<script>x</script>|`*\n# _b_"
WAYS = (("a/exam", "a/member"), ("a/exam", HOSTILE, "a/member"))


def audit(*exposures: Exposure, crossings: tuple[Crossing, ...] = ()) -> Audit:
    return Audit("plan", "", (), None, (), crossings, exposures, (), ())


def test_each_way_to_a_leak_stands_on_a_line_of_its_own_as_text() -> None:
    found = audit(Exposure("a/member", "a/exam", Known.LINEAGE, paths=WAYS))
    text, page = markdown(found), one_page(found)
    assert "- a/exam → a/member\n- a/exam → a/" in text
    assert "<li>a/exam → a/member</li>\n<li>a/exam → a/&lt;script&gt;x&lt;/script&gt;|`* # _b_ → a/member</li>" in page
    assert "<script" not in text.replace("\\<script", "")
    assert "<script" not in page
    assert "Ways of a/exam into a/member" in page


def test_a_cell_of_a_table_holds_no_way() -> None:
    crossing = Crossing("a/exam", ("a/member",), Known.LINEAGE, paths=WAYS)
    text = markdown(audit(Exposure("a/member", "a/exam", Known.LINEAGE, paths=WAYS), crossings=(crossing,)))
    assert not [line for line in text.splitlines() if line.startswith("|") and "→" in line]
    assert len(re.findall(r"^- a/exam → ", text, re.MULTILINE)) == 2 * len(WAYS)


def test_of_many_ways_the_first_are_shown_and_the_others_counted() -> None:
    ways = tuple(("a/exam", f"a/step-{number}", "a/member") for number in range(MOST_PATHS + 2))
    *_, benchmarks, _ = sections(audit(Exposure("a/member", "a/exam", Known.LINEAGE, paths=ways)))
    ((_, lines),) = benchmarks.paths
    assert (len(lines), lines[0], lines[-1]) == (MOST_PATHS + 1, "a/exam → a/step-0 → a/member", "and 2 more")


def test_a_source_that_is_a_member_is_said_to_be_one() -> None:
    crossing = Crossing("a/root", ("a/root", "a/member"), Known.ROWS, 2, 1, (("a/root",), ("a/root", "a/member")))
    assert "- a/root, itself a member\n- a/root → a/member\n" in markdown(audit(crossings=(crossing,)))
