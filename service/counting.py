"""Numbers of things, as one says them."""

__all__ = ["counted"]


def counted(number: int, name: str) -> str:
    """So many of a thing, whose name takes an s.

    >>> counted(1, "finding"), counted(2, "finding")
    ('1 finding', '2 findings')
    """
    return f"{number} {name}" + ("" if number == 1 else "s")
