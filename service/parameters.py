"""Parameters in an address: one that a route does not know is told, since it would be ignored in silence."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from corpus.errors import QueryError

__all__ = ["known_parameters"]


def known_parameters(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard of Litestar that lets no unknown parameter pass. Raises `QueryError` for the first."""
    if connection.scope.get("method") == HttpMethod.OPTIONS:
        return  # it asks for the address of another request, whose parameters are its own
    fields = handler.parsed_fn_signature.parameters.values()
    kinds = ((field.kwarg_definition, field.name) for field in fields)
    known = [kind.name or name for kind, name in kinds if isinstance(kind, QueryParameter)]
    for name in connection.query_params:
        if name not in known:
            there_are = f"There are {', '.join(known)}" if known else "This address takes none"
            raise QueryError(name, f"There is no parameter {name!r}. {there_are}.")
