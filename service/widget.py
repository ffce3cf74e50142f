"""The widget: one script at a versioned address, and a page around it for systems that strip scripts."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler

__all__ = ["widget_router"]

_FOLDER = Path(__file__).parent / "static" / "widget"

_HEADERS = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}

_ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Any page may load the script, and check its hash. It is the same for all, and holds nothing of the sources."""

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors *; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the frame may do. Any page may hold it: it has no session and no authority that a click could use."""

# A key may stand in the frame's address, of which other hosts get the origin alone.
_FRAME = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "strict-origin"}


def widget_router() -> Router:
    """The routes for the widget's files, which anyone may read."""
    return Router(
        "/widget",
        route_handlers=[
            _file(["/v1.js"], "v1.js", "text/javascript", _ANYWHERE),
            _file(["/frame", "/frame.html"], "frame.html", "text/html", _FRAME),
            _file(["/frame.js"], "frame.js", "text/javascript", {}),
        ],
        include_in_schema=False,
        opt={"scope": None},
    )


def _file(paths: list[str], name: str, media_type: str, headers: Mapping[str, str]) -> HTTPRouteHandler:
    """The routes for a file, which a browser that has it need not load again (RFC 9110, section 13.1.2)."""
    content = (_FOLDER / name).read_bytes()
    # It is weak, since a proxy may compress the bytes.
    etag = f'W/"{sha256(content).hexdigest()[:16]}"'
    all_headers = {**_HEADERS, **headers, "ETag": etag}

    @get(paths, name=f"widget {name}", sync_to_thread=False)
    def send(request: Request[Any, Any, Any]) -> Response[bytes]:
        known = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
        if etag in known or "*" in known:
            return Response(b"", status_code=304, media_type=media_type, headers=all_headers)
        return Response(content, media_type=media_type, headers=all_headers)

    return send
