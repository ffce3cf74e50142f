"""Pages of every source form, as long as asked, for fuzzing and for measuring how time grows."""

from collections.abc import Callable

__all__ = ["SAMPLES"]

SENTENCE = "Of twenty-four patients with a tumour of the neck, nineteen (79%) could walk after 14.8 months"
NOTE = "Smith A, Jones B. A trial of the neck {0}. J Spine. 2001 May;{0}(2):1-9. doi: 10.1000/neck.{0}. PMID: 1{0}."


def _numbered(n: int) -> str:
    return "\n".join(f"{i}. {NOTE.format(i)}" for i in range(1, n + 1))


def _dokuwiki(n: int) -> str:
    sections = (
        f"===== Part {i} =====\n\n**{SENTENCE}** (({NOTE.format(i)})).\n\n  * An //item// [[page{i}|linked]].\n"
        f"    * Below it (({NOTE.format(i)})).\n\n^ Age ^ Number ^\n| {i} | 3 [(>n{i})] |\n\n> Quoted.\n\n"
        f"<code>\nx = {i}\n</code>\n"
        for i in range(1, n + 1)
    )
    return "====== A page ======\n\n" + "\n".join(sections)


def _export(n: int) -> str:
    body = "\n\n".join(f"Part {i}\n\nSmith et al. wrote of it.\n\n{SENTENCE} {i})." for i in range(1, n + 1))
    notes = "\n".join(f"{i})\n{NOTE.format(i)}" for i in range(1, n + 1))
    return f"A page\n\n{body}\n\n{notes}\n\n  • page.txt\n  • Last modified: 2025/05/13 02:17\n"


def _xhtml(n: int) -> str:
    body = "".join(
        f'<h2 class="sectionedit{i}" id="part_{i}">Part {i}</h2>\n<div class="level2">\n<p>\n'
        f"<strong>{SENTENCE}</strong> "
        f'<sup><a href="#fn__{i}" id="fnt__{i}" class="fn_top">{i})</a></sup>.\n</p>\n<ul>\n<li class="level1">'
        f'<div class="li"> An item.</div>\n</li>\n</ul>\n'
        f'<table class="inline"><tr><td>{i}</td><td>3</td></tr></table>\n</div>\n'
        for i in range(1, n + 1)
    )
    notes = "".join(
        f'<div class="fn"><sup><a href="#fnt__{i}" id="fn__{i}" class="fn_bot">{i})</a></sup>\n'
        f'<div class="content">{NOTE.format(i)}</div></div>\n'
        for i in range(1, n + 1)
    )
    return f'<h1 class="sectionedit1" id="page">A page</h1>\n{body}<div class="footnotes">\n{notes}</div>\n'


def _jats(n: int) -> str:
    sections = "".join(
        f'<sec id="s{i}"><title>Part {i}</title><p>{SENTENCE} [<xref ref-type="bibr" rid="r{i}">{i}</xref>].</p>'
        "<list><list-item><p>An <italic>item</italic>.</p></list-item></list>"
        f"<table-wrap><caption><p>Ages.</p></caption><table><tr><td>{i}</td><td>3</td></tr></table></table-wrap></sec>"
        for i in range(1, n + 1)
    )
    references = "".join(
        f'<ref id="r{i}"><label>{i}</label><element-citation publication-type="journal"><person-group>'
        f"<name><surname>Smith</surname><given-names>A</given-names></name></person-group><article-title>A trial {i}"
        f'</article-title><source>J Spine</source><year>2001</year><pub-id pub-id-type="pmid">1{i}</pub-id>'
        "</element-citation></ref>"
        for i in range(1, n + 1)
    )
    return (
        '<?xml version="1.0"?>\n<article><front><article-meta><title-group><article-title>A page</article-title>'
        f"</title-group></article-meta></front><body>{sections}</body><back><ref-list>{references}</ref-list></back></article>"
    )


def _markdown(n: int) -> str:
    body = "\n\n".join(
        f"## Part {i}\n\n**{SENTENCE}**[^{i}], see [3].\n\n- An *item*\n  - below\n\n| Age | Number |\n|---|---|\n"
        f"| {i} | 3 |\n\n"
        f"> Quoted.\n\n```\nx = {i}\n```"
        for i in range(1, n + 1)
    )
    notes = "\n".join(f"[^{i}]: {NOTE.format(i)}" for i in range(1, n + 1))
    return f"# A page\n\n{body}\n\n{notes}\n"


def _text(n: int) -> str:
    body = "\n\n".join(f"Part {i}\n\n{SENTENCE} [{i}]. It rose (p < .05)." for i in range(1, n + 1))
    return f"A page\n\n{body}\n\nReferences\n\n{_numbered(n)}\n"


SAMPLES: dict[str, Callable[[int], str]] = {
    "dokuwiki": _dokuwiki,
    "dokuwiki-export": _export,
    "dokuwiki-xhtml": _xhtml,
    "jats": _jats,
    "markdown": _markdown,
    "text": _text,
}
"""For each form, a page of `n` sections, of about 300 to 700 characters each."""
