"""Pages in DokuWiki markup that tests write: one for each quirk, and pages thrown together from a seed."""

from random import Random

__all__ = ["QUIRKS", "random_page"]

QUIRKS = {
    "notes in lists": "  * a ((Smith A. One. 2001.))\n  * b\n    * c ((Jones B. Two. 2002.)) end\n      - d\n"
    "    * e\n  - f ((Smith A. One. 2001.))\n\nText.",
    "notes in tables": "^ Head ((N1)) ^ B ^\n| a | b ((N2)) |\n| ::: | c |\n| x || \n\nafter",
    "notes near headings": "Text ((N1))\n===== Head =====\n((N2)) begins\n==== Sub ((no)) ====\nend ((N3))",
    "nested formatting": "**bold //it ((N **b** //i// __u__ ''m'')) it// bold** and __u ''m **b**''__ x",
    "links in notes": "T ((See [[https://doi.org/10.1000/x.1|the paper]] and https://x.org/a_(b) or [[ns:page]].)) and"
    " ((https://doi.org/10.1000/y)) and (([[https://x.org/z]])) and ((In {{https://x.org/d.pdf|print}}.))",
    "repeated notes": "a ((Same)) b ((Other)) c ((Same)) d ((Same)) e ((Ibid., 7.)) f ((Same))",
    "empty notes": "a (()) b (( )) c ((x))",
    "brackets in notes": "a ((note (with brackets))) b ((x (y (z)))) c",
    "lists in notes": "a ((first\n  * item\n  * item two\nlast)) b",
    "line breaks in notes": "a ((line\\\\ break **bold** and\nnext line)) b",
    "notes over paragraphs": "a ((first line\nsecond line\n\nthird para)) b\n\nc ((x\n\ny)) d",
    "code in notes": "a ((n <code>x\ny</code> m)) b ((k %%z%% \"q\" -- ...)) c",
    "bars in notes": "a ((x | y)) b\n| ((p | q)) | r ^",
    "quotations in notes": "a ((x\n> y\n\nz)) b",
    "notes side by side": "a((N1))((N2)), ((N3)). ((N4))\n((N5))",
    "notes in formatting": "word<sup>((N1))</sup> **((N2))** ''((N3))'' **a ((N **4**)) b**",
    "an unclosed note": "a ((never **closed\n\nnext paragraph '' and __ end",
    "code": "x\n<code>\na ((no)) b\n</code>\n<file txt name.txt>\nfile ((no))\n</file>\ny ((yes))",
    "highlighted code": "x\n<code python name.py>\ndef f():\n    return ((1 < 2))\n\n# end\n</code>\ny",
    "no wiki": "%%((no))%% <nowiki>((no **b**))</nowiki> ((yes %%))%% end))",
    "lines without wiki": "a <nowiki>b\nc</nowiki> d\n<nowiki>\ne\n\nf\n</nowiki>\ng",
    "percents": "50%% of %%a%% and %%b",
    "quotations": "> a ((N1))\n>> b\n>>> c\n> d\n\n> second\ntext after",
    "rules": "a\n\n----\n\nb\n----\nc\n-----\nd ---- e",
    "spans of cells": "^ a ^^ b ^\n| c | d | e |\n| ::: || f |\n| g ||| \n|  h  |  i|j  |",
    "odd tables": "text\n| a ((n1\nn1b)) | b |\n| %%x|y%% | [[p|q]] {{i.png|c}} |\n| a \\\\ b | c\\\\ |\ntext\n"
    "^ b ^\n|c\nd",
    "lists": "  - one\n  - two\n    * two a\n    * two b\n      - deep\n  - three\n  * other\n\nt",
    "uneven lists": "    * starts deep\n  * shallow\n      * jump\n    * between\n  * end\n\n  *no space\n  **bold**\n",
    "code in lists": "  * a <code>x\n y</code> b\n  * c",
    "after a list": "  * item\n  continues\n  * next\n\n  preformatted",
    "signs": "a -> b <- c <-> d => e <= f <=> g >> h << i --- j -- k (c) (tm) (r) ... 640x480 3x4 12x12mm a3x4",
    "quotes": "\"q\" 'q' it's (\"b\") \"d ((\"e\")) f\" don't 5' 6\"",
    "entities": "a & b < c > d &amp; &lt; <b>x</b> é 𝒜 e\u0301 漢字",
    "right to left": "שלום עולם ((הערה א. 2001.)) و النص ((مرجع 2002)) end",
    "addresses": "http://x.org/a(b)c (http://x.org) www.x.org, ftp://x.org/f. https://x.org/?a=1&b=2#c \"https://q.org\""
    " [[http://x.org/[a]|t]]",
    "links": "[[wp>Spine]] [[doku>wiki:syntax|doc]] [[ns:page]] [[ns:page#sec]] [[#sec]] [[ns:]] [[page|]] [[:top]]"
    " [[a|b ((c))]] [[this>x]] [[p|a\nb]]",
    "mail": "<me@x.org> [[me@x.org]] [[me@x.org|Me]] me@x.org",
    "images": "{{a.png}} {{a.png|Cap}} {{ a.png?200x100 |Cap two}} {{doc.pdf}} {{doc.pdf|The doc}} {{http://x.org/i.png|e}}"
    " {{http://x.org/i.pdf|ext}} {{a.png?linkonly}} [[page|{{a.png|In}}]] {{i.png|c\nd}} e",
    "images at line ends": "[[p|label]] {{i.png}}\n{{i.png}} next ~~NOTOC~~\n  * {{i.png}} item {{i.png}}",
    "lines like definitions": "; term : def\n: other\n  ; x : y\nend",
    "headings": "====== One ======\na\n===== Two =====\nb\n==== Three ====\nc\n=== Four ===\nd\n== Five ==\ne\n"
    "====== Again ======\nf\n=== deep ===\ng",
    "odd headings": "== A == x ==\n=== B ==\n==C==\n====== D\n= E =\n======= F =======\nend",
    "macros": "~~NOTOC~~\n~~NOCACHE~~\nText ~~NOTOC~~ end\n\n~~NOCACHE~~\n\nz",
    "acronyms and smileys": "HTML FYI WWW and 8-) FIXME DELETEME :-) ;-) :?: ^_^ LOL",
    "camel case": "WikiWord CamelCase JavaScript",
    "formatting": "''mono'' H<sub>2</sub>O x<sup>2</sup> <del>gone</del> a**b**c //it//",
    "line breaks": "a\\\\ b\\\\\nc \\\\d x\\\\ \\\\ y\nz\\\\\n\n\\\\n \\\\server\\share a\\\\\\\\ b",
    "preformatted": "text\n\n  pre ((no)) line\n  second\n    third\n\nmore ((yes))\n\n\ttab",
    "white space": "a  b   c  \n  \nd \n\n\n\ne",
    "script": "a <script>alert(1)</script> <style>p {}</style> <!-- c --> b",
}  # fmt: skip
"""Footnotes, blocks and signs in the combinations in which real pages have them, and worse."""

_WORDS = (
    "It", "rose", "fell", "patients", "14", "months.", "survival", "(n=3)", "spine", "C1-C2", "HTML", "8-)", "--",
    '"quoted"', "->", "(c)", "é", "𝒜", "漢字", "https://x.org/a", "WikiWord", "&", "<", ">", "...", "'tis", "FIXME",
    "(see)", "[a]", "{b}", "a)", "2)", "1/2", "50%", "_x_", "=", "-", "÷",
)  # fmt: skip
_NOTES = (
    "Smith A. One. 2001. PMID: 7.", "Jones B. Two. 2002;3(4):5-6.", "See [[https://doi.org/10.1000/x|paper]].",
    "https://x.org/a_(b)", "**Bold** title. //J X//. 2003", "a\nb", "a\\\\ b", "", "x (y) z", "(nested)", "Ibid.",
    "[[p|q]] {{i.png|c}}", "''m'' & <b>", '"q" -- d', "H<sub>2</sub>O", "<code>c</code>",
)  # fmt: skip
_PIECES = (
    "[[ns:page]]", "[[p|label]]", "[[wp>Spine]]", "[[https://x.org|l]]", "{{i.png}}", "{{i.png|c}}", "{{d.pdf}}",
    "{{ i.png?20 |c d}}", "<me@x.org>", "\\\\ ", "8-)", "{{http://x.org/d.pdf|Doc}}", "[[#sec]]", "[[me@x.org|M]]",
)  # fmt: skip
_FORMATS = (
    ("**", "**"), ("//", "//"), ("__", "__"), ("''", "''"), ("<sup>", "</sup>"), ("<del>", "</del>"), ("%%", "%%"),
    ("<nowiki>", "</nowiki>"),
)  # fmt: skip
_LISTINGS = (
    "<code>\nx ((1)) **b**\n  y\n</code>", "<file>\na\n</file>", "  pre ((no))\n  more", "----",
    "<code python>\ndef f():\n    return ((1))\n</code>", "<file txt n.txt>\nq\n</file>",
)  # fmt: skip


def random_page(seed: int) -> str:
    """A page of one to five blocks. What is open in it is closed again, and blank lines part its blocks."""
    random = Random(seed)
    return "\n\n".join(_block(random) for _ in range(random.randint(1, 5)))


def _block(random: Random) -> str:
    kind = random.choice(("lines", "lines", "lines", "heading", "list", "list", "table", "quotation", "listing"))
    lines = range(random.randint(1, 4))
    match kind:
        case "heading":
            level = "=" * random.randint(2, 6)
            return f"{level} {_words(random)} {level}"
        case "list":
            mark = random.choice("*-")
            return "\n".join(f"{'  ' * random.randint(1, 4)}{mark} {_line(random)}" for _ in lines)
        case "table":
            return "\n".join(_row(random) for _ in lines)
        case "quotation":
            return "\n".join(f"{'>' * random.randint(1, 3)} {_line(random)}" for _ in lines)
        case "listing":
            return random.choice(_LISTINGS)
        case _:
            return "\n".join(_line(random) for _ in lines)


def _row(random: Random) -> str:
    cells = (f" {_line(random) if random.random() < 0.7 else random.choice((':::', ''))} " for _ in range(3))
    return "|" + "".join(cell + random.choice(("|", "|", "^", "||")) for cell in cells)


def _line(random: Random) -> str:
    line = _words(random)
    for _ in range(random.randint(0, 4)):
        if random.random() < 0.4:
            line += random.choice(("", " ")) + _note(random)
        else:
            line += " " + random.choice((_words(random), random.choice(_PIECES), _formatted(random)))
    return line


def _formatted(random: Random) -> str:
    opening, closing = random.choice(_FORMATS)
    words = _words(random).replace("/", "").replace("<", "")
    return f"{opening}word{random.choice(('', ' ' + _note(random), ' ' + words))}{closing}"


def _note(random: Random) -> str:
    return f"(({random.choice(_NOTES)}))"


def _words(random: Random) -> str:
    return " ".join(random.choice(_WORDS) for _ in range(random.randint(1, 4)))
