"""Other products' conditions on metadata as filters of a query, where both mean the same; an error where not."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from corpus.errors import QueryError

__all__ = ["Filters", "condition", "every", "some"]

Filters = Mapping[str, Any]
"""Some of the filters of a `Query`, by their names."""

_NAMES = {"document_id": "documents", "heading": "headings", "publication_type": "publication_types"}
_BOUNDS = {"eq": (0, 0), "gte": (0, None), "lte": (None, 0), "gt": (1, None), "lt": (None, -1)}
"""How far from the value of a condition on a year the first and the last year lie."""


def condition(key: str, operator: str, value: object, *, field: str) -> Filters:
    """The filters that one condition means; `operator` is one of OpenAI's.

    Raises `QueryError` for `field` if no filter means the same.

    >>> condition("year", "gt", 2016, field="filters")
    {'year_from': 2017}
    >>> condition("heading", "in", ["Results", "Discussion"], field="filters")
    {'headings': ('Results', 'Discussion')}
    """
    if key == "year":
        return _of_years(operator, value, field)
    if key not in _NAMES:
        known = ", ".join((*_NAMES, "year"))
        raise QueryError(field, f"Nothing can be filtered by {key!r}. It can be by {known}.")
    values = value if operator == "in" and isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if operator not in {"eq", "in"} or not all(isinstance(each, str) for each in values):
        raise QueryError(field, f"{key} can only be asked to be a name (eq), or one of several (in).")
    return {_NAMES[key]: tuple(values)}


def every(parts: Iterable[Filters], *, field: str) -> Filters:
    """The filters that leave what all of some filters leave. Raises `QueryError` where none do so exactly.

    >>> every([{"year_from": 2010, "year_to": 2020}, {"year_from": 2015}], field="filters")
    {'year_from': 2015, 'year_to': 2020}
    """

    def joined(left: Filters, right: Filters) -> Filters:
        return {**left, **right, **{name: _both(name, left[name], right[name], field) for name in left.keys() & right}}

    return reduce(joined, parts, {})


def some(parts: Iterable[Filters], *, field: str) -> Filters:
    """The filters that leave what any of some filters leave. Raises `QueryError` where none do so exactly.

    >>> some([{"documents": ("a",)}, {"documents": ("b",)}], field="filters")
    {'documents': ('a', 'b')}
    """
    given = list(parts)
    names = {name for part in given for name in part}
    if len(given) < 2:
        return given[0] if given else {}
    if len(names) == 1 and names <= set(_NAMES.values()) and all(given):
        (name,) = names
        return {name: tuple(dict.fromkeys(value for part in given for value in part[name]))}
    raise QueryError(
        field, "Only documents, headings or publication types can be joined by `or`, each among their like."
    )


def _both(name: str, left: Any, right: Any, field: str) -> Any:
    if name == "year_from":
        return max(left, right)
    if name == "year_to":
        return min(left, right)
    if name == "documents":
        return tuple(value for value in left if value in right)
    if set(left) == set(right):
        return left
    raise QueryError(field, f"A passage can be asked for one of several {name}, and not for two at once.")


def _of_years(operator: str, value: object, field: str) -> Filters:
    values = value if operator == "in" and isinstance(value, Sequence) and not isinstance(value, str) else [value]
    years = sorted({_year(each, field) for each in values})
    if operator == "in" and years == list(range(years[0], years[0] + len(years)) if years else ()):
        return {"year_from": years[0], "year_to": years[-1]} if years else {"documents": ()}
    if operator not in _BOUNDS:
        cure = "by eq, gt, gte, lt, lte, or by `in` with years that follow each other"
        raise QueryError(field, f"year cannot be filtered by {operator} {value!r}. It can be {cure}.")
    first, last = _BOUNDS[operator]
    (year,) = years
    bounds = {"year_from": first, "year_to": last}
    return {name: year + distance for name, distance in bounds.items() if distance is not None}


def _year(value: object, field: str) -> int:
    """A year, as a number or in digits."""
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value[:5])
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return int(value)
    raise QueryError(field, f"{value!r} is no year. Give a whole number.")
