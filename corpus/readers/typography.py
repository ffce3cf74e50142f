"""The typographic signs that DokuWiki sets by default.

Source: ``conf/entities.conf`` and the quotes and multiply entities of DokuWiki's default configuration.
"""

import re

__all__ = ["typeset"]

_ENTITIES = {
    "<->": "↔", "->": "→", "<-": "←", "<=>": "⇔", "=>": "⇒", "<=": "⇐", ">>": "»", "<<": "«",
    "---": "—", "--": "–", "(c)": "©", "(tm)": "™", "(r)": "®", "...": "…",
}  # fmt: skip
_ENTITY = re.compile("|".join(re.escape(sign) for sign in sorted(_ENTITIES, key=len, reverse=True)))
_MULTIPLY = re.compile(r"(?<!\w)((?:[1-9]|\d{2,}))[xX](\d+)(?!\w)")
_OPENING_QUOTE = re.compile(r"(?:(?<=^)|(?<=[\s(\[{/–—-]))\"(?=\S)")


def typeset(text: str) -> str:
    """The text with DokuWiki's typographic signs.

    >>> typeset('He said "no" -- twice... in a 3x4 grid')
    'He said “no” – twice… in a 3×4 grid'
    """
    text = _ENTITY.sub(lambda match: _ENTITIES[match.group()], text)
    text = _MULTIPLY.sub(r"\1×\2", text)
    return _OPENING_QUOTE.sub("“", text).replace('"', "”")
