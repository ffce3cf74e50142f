"""Following a DokuWiki: what it holds, what of it is copied into a store, and when a snapshot is due."""

from service.sync.addresses import PageAddresses
from service.sync.folder import FolderWiki
from service.sync.mirror import Mirror
from service.sync.publishing import Publication, publish
from service.sync.remote import Login, RemoteWiki
from service.sync.rounds import Changes, follow
from service.sync.wikis import Wiki

__all__ = [
    "Changes",
    "FolderWiki",
    "Login",
    "Mirror",
    "PageAddresses",
    "Publication",
    "RemoteWiki",
    "Wiki",
    "follow",
    "publish",
]
