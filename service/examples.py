"""Bodies that routes take, and errors of another form than a problem's, in the description of the API."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, RequestBody, Schema

__all__ = ["taking"]


def taking(example: str, *, faults: Mapping[str, str] | None = None) -> type[Operation]:
    """For a route's `operation_class`: describes a body of the route by an example in JSON.

    A route that reads its body by itself takes any object. Where errors are no problem documents, `faults` are the
    media types in which they come, each with an example in JSON, or with none.
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
            if faults is not None and self.responses is not None:
                self.responses |= dict.fromkeys(("400", "4XX", "5XX"), _faults(faults))

    return Taking


def _faults(examples: Mapping[str, str]) -> OpenAPIResponse:
    content = {
        media_type: OpenAPIMediaType(
            schema=Schema(type=OpenAPIType.OBJECT if media_type.endswith("json") else OpenAPIType.STRING),
            example=msgspec.json.decode(example) if example else None,
        )
        for media_type, example in examples.items()
    }
    return OpenAPIResponse(description="What is wrong and how to mend it.", content=content)
