"""What is shown of DokuWiki's links and media, and what they take in from elsewhere."""

import re

from corpus.findings import Finding
from corpus.readers.dokuwiki_tokens import HIDDEN, Token

__all__ = ["link", "media", "not_followed"]

_RESOLVERS = {
    "doi": "https://doi.org/",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/",
}
"""Wikis by whose short names papers are linked."""
_MEDIA = re.compile(r"\{\{([^{}]+)\}\}")
_SHOWN_ITSELF = re.compile(r">|\.(?:png|jpe?g|gif|svg|webp|mp4|webm|og[gv]|mp3|wav)$", re.IGNORECASE)
"""Media that stand in the page themselves, or that a plug-in fetches; of another file one sees the name."""
_PLUGIN = re.compile(r"\s*([a-z]+)>\s*([^|}]*)")
_PAGES = {"page", "section", "namespace", "topic", "tagtopic", "blog"}
_ADDRESSES = {"url", "rss", "iframe"}


def link(source: str) -> Token:
    """The label of a link; without one, an address whole, or the name of the page or section linked to.

    >>> link("https://x.org|The paper").text, link("ns:page#part").text, link("doi>10.1/x|here").link
    ('The paper', 'part', 'https://doi.org/10.1/x')
    """
    target, _, label = (part.strip() for part in source.partition("|"))
    address = _address(target)
    if label:
        shown = _MEDIA.fullmatch(label)
        return Token("text", _caption(shown[1]) if shown else label, link=address)
    if "://" in target or "@" in target:
        return Token("text", target)
    if ">" in target:
        return Token("text", target.partition(">")[2], link=address)
    page, _, section = target.partition("#")
    names = [name for name in re.split("[:;]", page.partition("?")[0]) if name] or [target]
    return Token("text", section or names[-2 if names[-1] == "start" and len(names) > 1 else -1])


def _address(target: str) -> str | None:
    """Where a link leads, if it leads out of the wiki."""
    if "://" in target:
        return target
    if target.startswith("www."):
        return f"http://{target}"
    wiki, _, name = target.partition(">")
    return _RESOLVERS[wiki.lower()] + name if name and wiki.lower() in _RESOLVERS else None


def media(source: str) -> Token:
    """The caption of media; without one, the name of a file that the page does not show itself.

    What a plug-in takes in from another page is not shown, and named.
    """
    taken_in = not_followed(source)
    if taken_in:
        return Token("edge", finding=taken_in)
    target = source.partition("|")[0].strip().partition("?")[0]
    caption = _caption(source)
    outside = "://" in target and not _SHOWN_ITSELF.search(target)
    return Token("text", caption, link=target if outside and caption else None) if caption else HIDDEN


def _caption(source: str) -> str:
    target, _, caption = (part.strip() for part in source.partition("|"))
    name = target.partition("?")[0]
    shown = _SHOWN_ITSELF.search(name) and "linkonly" not in target
    return caption or ("" if shown else re.split("[:/]", name)[-1])


def not_followed(source: str) -> Finding | None:
    """What is to be said of a plug-in's mark that takes another page in.

    >>> not_followed("page>spine:fractures").message
    "takes in 'spine:fractures' (page), whose text is not part of this document. Build that page too."
    """
    match = _PLUGIN.match(source)
    name, target = (match[1], match[2].strip()) if match else ("", "")
    if name in _PAGES:
        message = f"takes in {target!r} ({name}), whose text is not part of this document. Build that page too."
        return Finding(kind="not-followed", severity="warning", message=message)
    if name in _ADDRESSES:
        message = f"shows {target!r} ({name}), which is not fetched. Save what it shows as a source if it is needed."
        return Finding(kind="not-followed", severity="note", message=message)
    return None
