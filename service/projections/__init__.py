"""The one `Answer` in the shapes that other products speak: a module for each product, and what they share."""

from litestar import Router

from service.projections.deep_chat import deep_chat_router
from service.projections.dify import dify_router
from service.projections.mcp import mcp_router
from service.projections.open_webui import open_webui_router
from service.projections.openai import openai_router

__all__ = ["projection_routers"]


def projection_routers() -> list[Router]:
    """The routes of all products."""
    return [
        mcp_router(),
        openai_router(),
        dify_router(),
        deep_chat_router(),
        open_webui_router(),
    ]
