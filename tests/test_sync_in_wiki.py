"""A real DokuWiki whose template holds the widget, asked in a real browser, and followed while it changes."""

import json
import re
import time
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import Locator, Page, expect

from index import Store
from service.command import main
from tests.dokuwiki_renderer import need_dokuwiki
from tests.dokuwiki_sites import Site
from tests.servers import Server, serving
from tests.stores import copied

SCRIPT = '<script type="module" src="{service}/widget/v1.js"></script>'
"""How a page loads the widget, as the documentation has it."""
ELEMENT = '<loccit-chat endpoint="{service}"></loccit-chat>'
NO_ANSWER = re.compile("no answer|does not answer")
"""What the widget says where the wiki tells nothing of it."""

SURVIVAL = "What was the median survival after surgery?"
DOSE = "Which dose of dexamethasone is given first?"
ON_CALL = "Who is on call on Mondays?"
SPINE = (
    "====== The spine ======\n\nMedian survival after surgery was {months} months ((Alpha A. Work. 2001. PMID: 11.)).\n"
)
STEROIDS = "====== Steroids ======\n\nFirst a dose of 16 mg of dexamethasone is given, which is tapered over a week.\n"
ROTA = "====== Rota ======\n\nOn Mondays Doctor Grey is on call, and answers under extension 55.\n"


def synced(wiki: str, store: Store, service: Server) -> list[str]:
    """The lines of `loccit sync`, once the running service answers from what it published."""
    result = CliRunner().invoke(main, ["sync", wiki, "--out", str(store.root), "--rate", "1000"])
    assert result.exit_code == 0, result.output
    deadline = time.monotonic() + 30
    while json.loads(service.get("/health/ready").body)["snapshot"] != store.current().name:
        assert time.monotonic() < deadline, "the service still answers from the snapshot before"
        time.sleep(0.1)
    return [line for line in result.stdout.splitlines() if not line.startswith("Snapshot ")]


def asked(page: Page, address: str, question: str) -> Locator:
    """The turn of the chat on a wiki's page in which a question was answered."""
    page.goto(address)
    chat = page.locator("loccit-chat")
    turns = chat.get_by_role("article")
    before = turns.count()
    chat.get_by_role("textbox").fill(question)
    chat.get_by_role("textbox").press("Enter")
    expect(turns).to_have_count(before + 1)
    expect(turns.last.get_by_role("figure").or_(turns.last.get_by_text(NO_ANSWER)).first).to_be_visible()
    return turns.last


def test_a_wiki_answers_from_its_own_pages(page: Page, embedded_store: Path, tmp_path: Path) -> None:
    """On the wiki's page the widget answers from the wiki's pages as they are: edited, deleted, and closed by ACL."""
    need_dokuwiki()
    site = Site(tmp_path)
    store = copied(embedded_store, tmp_path / "store")
    with site.written() as (wiki, pen):
        pen.write("spine", SPINE.format(months=9))
        pen.write("drugs:steroids", STEROIDS)
        pen.write("clinic:rota", ROTA)
        with serving(store.root, environment={"LOCCIT_ALLOW_ORIGINS": wiki.rstrip("/")}) as service:
            # DokuWiki's template includes this file of its configuration below every page.
            markup = SCRIPT + ELEMENT
            (site.root / "conf" / "footer.html").write_text(markup.format(service=service.address), "utf-8")
            start = f"{wiki}doku.php?id=spine"

            assert synced(wiki, store, service) == ["+ clinic:rota", "+ drugs:steroids", "+ spine"]
            first = asked(page, start, SURVIVAL).get_by_role("figure").first
            expect(first).to_contain_text("Median survival after surgery was 9 months")
            # A link leads back to the wiki's page, and there to the words.
            there = f"{wiki}doku.php?id=spine#:~:text=Median%20survival%20after%20surgery%20was%209%20months"
            expect(first.locator(f'a[href^="{there}"]').first).to_be_visible()
            expect(asked(page, start, ON_CALL)).to_contain_text("Doctor Grey is on call")
            expect(asked(page, start, DOSE)).to_contain_text("16 mg of dexamethasone")

            pen.write("spine", SPINE.format(months=11))
            assert synced(wiki, store, service) == ["~ spine"]
            edited = asked(page, start, SURVIVAL)
            expect(edited).to_contain_text("Median survival after surgery was 11 months")
            expect(edited).not_to_contain_text("9 months")

            pen.delete("drugs:steroids")
            assert synced(wiki, store, service) == ["- drugs:steroids"]
            expect(asked(page, start, DOSE)).not_to_contain_text("16 mg")

            site.rules("clinic:* @ALL 0\n")
            assert synced(wiki, store, service) == ["x clinic:rota (closed)"]
            closed = asked(page, start, ON_CALL)
            expect(closed).not_to_contain_text("Grey")
            expect(closed).not_to_contain_text("Rota")
            expect(asked(page, start, SURVIVAL)).to_contain_text("11 months")
