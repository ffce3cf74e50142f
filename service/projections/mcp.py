"""The Model Context Protocol over streamable HTTP.

Each request stands alone: no session is kept, so that any worker answers any request. The protocol itself is the
official SDK's, which takes most of a second to import, and is imported with the first request.
"""

import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import MediaType, Request, Router, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import ClientException
from litestar.types import ASGIApp, Receive, Scope, Send

from index import Searcher
from service.dependencies import RecorderDependency, SearcherDependency
from service.examples import taking
from service.problems import EXAMPLE
from service.projections.errors import problem_of
from service.projections.mcp_tools import INSTRUCTIONS, TOOLS, Tool
from service.recording import Recorder

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

__all__ = ["mcp_router"]

_EXAMPLE = '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'

_FAULTS = {
    "application/json": '{"jsonrpc": "2.0", "id": 1, "error": {"code": -32600, "message": "…"}}',
    "application/problem+json": "",
    "text/plain": "",
}

_MAX_BODY = 256 * 1024
"""The most bytes of a request."""


def mcp_router() -> Router:
    """The route for clients. That pages of other origins may be none, as the protocol wants, the access sees to."""

    @post(
        "/mcp",
        status_code=200,
        summary="Speak the Model Context Protocol",
        opt={EXAMPLE: _EXAMPLE, "scope": "ask"},
        operation_class=taking(_EXAMPLE, faults=_FAULTS),
    )
    async def mcp(
        request: Request[Any, Any, Any], searcher: SearcherDependency, recorder: RecorderDependency
    ) -> ASGIApp:
        """A message in JSON-RPC, over the protocol's streamable HTTP transport. The tools only read."""
        if request.content_type[0] != MediaType.JSON:
            raise ClientException("The body is not told to be JSON")
        return await sync_to_thread(_answering, searcher, recorder, str(request.base_url))

    return Router("/", route_handlers=[mcp], tags=["Other products"])


def _answering(searcher: Searcher, recorder: Recorder, base: str) -> ASGIApp:
    """What answers one request."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    # It logs what it is sent, and so questions; what is wrong with a request is told to its client.
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    server = _server(searcher, recorder, base)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        manager = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, max_request_body_size=_MAX_BODY
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)  # type: ignore[arg-type]

    return answer


def _server(searcher: Searcher, recorder: Recorder, base: str) -> "Server[Any]":
    """The tools over a searcher, behind the protocol."""
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server
    from mcp.shared.exceptions import MCPError
    from mcp_types import INVALID_PARAMS, CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams

    async def listed(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult.model_validate({"tools": [_described(tool) for tool in TOOLS.values()]})

    async def called(_: ServerRequestContext[Any], asked: CallToolRequestParams) -> CallToolResult:
        tool = TOOLS.get(asked.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {asked.name!r}. There are {', '.join(TOOLS)}.")
        try:
            given = await sync_to_thread(_called, tool, searcher, recorder, asked.arguments or {}, base)
        except Exception as error:  # a model can mend what it is told in a result, and not what fails around it
            return CallToolResult.model_validate({"content": [_text(_told(error))], "isError": True})
        return CallToolResult.model_validate(
            {"content": [_text(msgspec.json.encode(given).decode())], "structuredContent": msgspec.to_builtins(given)}
        )

    return Server(
        "loccit",
        version=version("loccit"),
        title="loccit",
        instructions=INSTRUCTIONS,
        on_list_tools=listed,
        on_call_tool=called,
    )


def _called(tool: Tool, searcher: Searcher, recorder: Recorder, arguments: dict[str, Any], base: str) -> msgspec.Struct:
    return tool.call(searcher, recorder, msgspec.convert(arguments, tool.takes), base)


def _told(error: Exception) -> str:
    """What is wrong, and how to mend it."""
    return str(error) if isinstance(error, msgspec.ValidationError) else str(problem_of(error).detail)


def _text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def _described(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": _schema(tool.takes),
        "outputSchema": _schema(tool.gives),
        "annotations": {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": False},
    }


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON Schema of a struct, an object at its root, as the protocol wants it."""
    (_,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    root = components.pop(kind.__name__)
    return {**root, "$defs": components} if components else root
