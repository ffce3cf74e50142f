"""Bodies that routes take, shown in the description of the API."""

from dataclasses import dataclass

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

__all__ = ["taking"]


def taking(example: str) -> type[Operation]:
    """For a route's `operation_class`: describes a body of the route by an example in JSON.

    A route that reads its body by itself takes any object.
    """
    body = msgspec.json.decode(example)

    @dataclass
    class Taking(Operation):
        def __post_init__(self) -> None:
            if not isinstance(self.request_body, RequestBody):
                content = {"application/json": OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT))}
                self.request_body = RequestBody(content=content, required=True)
            for media in self.request_body.content.values():
                media.example = body

    return Taking
