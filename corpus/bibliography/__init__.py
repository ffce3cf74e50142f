"""Works given out for other programs: CSL-JSON, BibTeX, RIS, and a line of text in the Vancouver style."""

from corpus.bibliography.formats import FORMATS, BibliographyFormat, Format, bibliography
from corpus.bibliography.links import Links, links
from corpus.bibliography.records import fullest
from corpus.bibliography.vancouver import vancouver

__all__ = ["FORMATS", "BibliographyFormat", "Format", "Links", "bibliography", "fullest", "links", "vancouver"]
