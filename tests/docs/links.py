"""Checks a built site: every link inside it leads somewhere, and nothing is loaded from the network."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

# What a browser fetches by itself to show a page.
_LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
_NO_PLACES = ("mailto:", "data:", "javascript:")


def broken_links(site: Path) -> list[str]:
    """List what is wrong, each with its page."""
    return [
        f"{page.relative_to(site)}: {what}"
        for page in sorted(site.rglob("*.html"))
        if "_scrubbers" not in page.parts
        for what in _of_page(page)
    ]


def _of_page(page: Path) -> list[str]:
    found = []
    soup = BeautifulSoup(page.read_bytes(), "html.parser")
    for tag in soup.find_all(True):
        address = tag.get("href") or tag.get("src")
        if not address:
            continue
        if "://" in address or address.startswith("//"):
            if tag.name in _LOADED and tag.get("rel") != ["canonical"]:
                found.append(f"loads {address}")
        elif not address.startswith(_NO_PLACES) and not _leads_somewhere(page, address):
            found.append(f"{address} leads nowhere")
    return found


def _leads_somewhere(page: Path, address: str) -> bool:
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
    if not target.is_file():
        return False
    return not parts.fragment or target.suffix != ".html" or unquote(parts.fragment) in _anchors(target)


@cache
def _anchors(page: Path) -> frozenset[str]:
    soup = BeautifulSoup(page.read_bytes(), "html.parser")
    return frozenset(tag["id"] for tag in soup.find_all(id=True)) | {""}
