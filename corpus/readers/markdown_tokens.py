"""Markdown parsed by markdown-it, within bounds that hostile text cannot pass.

CommonMark with tables, strikethrough, footnotes and front matter. Brackets that never close, or close far away,
would be looked through again for each of them; a paragraph with too many is taken as it stands.

Source of the syntax: CommonMark 0.31.2; for tables and strikethrough GitHub Flavored Markdown; for footnotes Pandoc.
"""

import re
from collections import Counter
from functools import cache
from typing import Any

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

__all__ = ["Parsed", "parse"]

DEEPEST = 40
"""Quotations and lists within one another beyond this depth hold no text that is read."""
_DEEPEST_BRACKETS = 20
_LOOKED_THROUGH, _AT_LEAST = 30, 20_000
"""The most characters that closing marks may be searched through, for each character and in any paragraph."""
_OPENING_OR_CLOSING = re.compile(r"\\.|[\[\]]", re.DOTALL)
_ENDS = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>", "<!": ">", "<": ">"}
_TAG_BEGINNING = re.compile(r"<!--|<\?|<!\[CDATA\[|<!|<")
_CONTAINERS = frozenset({"blockquote_open", "list_item_open", "bullet_list_open", "ordered_list_open"})


class Parsed(msgspec.Struct, frozen=True):
    """The tokens of a text, the labels of its link definitions with their addresses, and what bounds cut off."""

    tokens: list[Token]
    links: dict[str, str]
    footnotes: Counter[str]
    """How often the footnote of each label is defined."""
    unparsed: int
    """How many paragraphs were taken as they stand."""
    too_deep: bool


def parse(text: str) -> Parsed:
    r"""The tokens of a Markdown text.

    >>> [token.type for token in parse("It *rose*[^1].\\n\\n[^1]: Smith A.").tokens][:3]
    ['paragraph_open', 'inline', 'paragraph_close']
    """
    env: dict[str, Any] = {"unparsed": 0, "defined": Counter()}
    tokens = _parser().parse(text, env)
    return Parsed(
        tokens=tokens,
        links={label: link["href"] for label, link in env.get("references", {}).items()},
        footnotes=env["defined"],
        unparsed=env["unparsed"],
        too_deep=any(token.level >= DEEPEST - 1 and token.type in _CONTAINERS for token in tokens),
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(front_matter_plugin)
    parser.core.ruler.at("inline", _parse_inline)
    return parser


def _parse_inline(state: StateCore) -> None:
    """What markdown-it's own rule does, but for paragraphs that would take too long."""
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            state.env["defined"][token.meta["label"]] += 1
        if token.type != "inline":
            continue
        children: list[Token] = []
        if _is_bounded(token.content):
            state.md.inline.parse(token.content, state.md, state.env, children)
        else:
            state.env["unparsed"] += 1
            children.append(Token("text", "", 0, content=token.content))
        token.children = children


def _is_bounded(content: str) -> bool:
    """Whether the ends of brackets and tags are near enough to be searched for from each beginning."""
    most = max(_AT_LEAST, _LOOKED_THROUGH * len(content))
    return _bracket_search(content, most) <= most and _tag_search(content) <= most


def _bracket_search(content: str, most: int) -> int:
    """How many characters lie between brackets that open and those that close them; above `most` if too deep."""
    searched = 0
    open_at: list[int] = []
    depths: list[int] = []
    """How deep the brackets are that closed within each open one."""
    for match in _OPENING_OR_CLOSING.finditer(content):
        if match.group() == "[":
            open_at.append(match.start())
            depths.append(0)
        elif match.group() == "]" and open_at:
            searched += match.start() - open_at.pop()
            depth = depths.pop() + 1
            if depth > _DEEPEST_BRACKETS:
                return most + 1
            if depths:
                depths[-1] = max(depths[-1], depth)
    return searched + sum(len(content) - start for start in open_at)


def _tag_search(content: str) -> int:
    searched = 0
    next_end: dict[str, int] = {}
    for match in _TAG_BEGINNING.finditer(content):
        end = _ENDS[match.group()]
        if next_end.get(end, -1) < match.start():
            at = content.find(end, match.end())
            next_end[end] = len(content) if at < 0 else at
        searched += next_end[end] - match.start()
    return searched
