"""The pages of runs, comparisons and sweeps: what they say, how they are worked, and that texts stay texts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from corpus.spans import Span
from eval.comparisons import Changed, GateResult, MeasureComparison, RunComparison, Side
from eval.intervals import Estimate
from eval.pages import comparison_page, run_page, sweep_page
from eval.questions import Evidence, Question
from eval.reports import Machine, Settings
from eval.responses import Cited, Response, Retrieved
from eval.run_folder import Run
from eval.scoring import Judged
from eval.significance import compare, non_inferiority
from eval.spans import GoldSpan
from eval.sweeps import Sweep, SweepPoint
from eval.targets import Asked
from eval.views import marked, question_views
from index.answers import Leg

DOCUMENT = (
    "Spines 🦴🦴 bend. שלום <script>window.hacked = 1</script></mark> and <b>bold</b> & more. Pain fell by half. End."
)
QUOTE = "<script>window.hacked = 1</script></mark> and <b>bold</b> & more."
START = DOCUMENT.index(QUOTE)
MODEL = "tiny"

SETTINGS = Settings(
    questions="spines.jsonl",
    questions_sha256="ab" * 32,
    split="development",
    k=10,
    asked=Asked(kind="snapshot", name="0123456789abcdef", snapshot="0123456789abcdef", leg="hybrid", model=MODEL),
    documents=1,
    versions={"python": "3.11.7", "loccit": None},
    machine=Machine("Linux", "x86_64", 2),
)


def question(identity: str, text: str, *, quote: str | None = QUOTE, kind: str = "fact") -> Judged:
    """A question whose evidence is a quote of `DOCUMENT`, or which has none."""
    if quote is None:
        return Judged(Question(identity, text, (), answerable=False, kind=kind))
    asked = Question(identity, text, (Evidence("spine", quote),), answerable=True, references=("pmid:1",), kind=kind)
    start = DOCUMENT.index(quote)
    return Judged(asked, (GoldSpan("spine", start, start + len(quote)),), ("whole",))


def passage(start: int, end: int, score: float = 1.0, **more: object) -> Retrieved:
    """A stretch of `DOCUMENT` as it came back."""
    known = {"document": "spine", "start": start, "end": end, "score": score, "text": DOCUMENT[start:end]}
    return msgspec.convert({**known, **more}, Retrieved)


def run_of(judged: Sequence[Judged], *responses: Response) -> Run:
    """A run of these questions with what came back."""
    return Run(SETTINGS, tuple(judged), {response.id: response for response in responses})


def page_of(run: Run) -> str:
    """The report of a run as a page."""
    return run_page(run, run.report())


WHOLE = passage(
    0,
    len(DOCUMENT),
    highlights=[{"start": START + 3, "end": START + 9}],
    citations=[{"reference": "pmid:1", "basis": "marked", "number": 1}, {"reference": "pmid:9", "basis": "named"}],
    confidence=0.9,
)
TAIL = passage(len(DOCUMENT) - 4, len(DOCUMENT), 0.5, citations=[], confidence=0.1)


@pytest.fixture(scope="module")
def run() -> Run:
    """Five questions: a work too many, not first, refused, answered in vain, and without a response."""
    judged = [
        question("q2", "Does it bend?"),
        question("q10", "By how much did <i>pain</i> fall?", quote="Pain fell by half.", kind="number"),
        question("q1", "What of it? 🦴"),
        question("u1", "Who bakes bread?", quote=None, kind="far"),
        question("q3", "Where does it end?"),
    ]
    return run_of(
        judged,
        Response(id="q2", status="answered", passages=(WHOLE,), took_ms=5),
        Response(id="q10", status="answered", passages=(TAIL, msgspec.structs.replace(WHOLE, score=0.4)), took_ms=20),
        Response(id="q1", status="no_match", passages=(WHOLE,), took_ms=3),
        Response(id="u1", status="answered", passages=(TAIL,), took_ms=7),
    )


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Callable[[str], Page]:
    """What opens a page from a file and sees to it that nothing else is asked for and nothing is complained of."""

    def open_page(html: str) -> Page:
        path = tmp_path / "page.html"
        path.write_text(html, "utf-8")
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        assert [address for address in asked if not address.startswith("data:")] == [path.as_uri()]
        assert said == []
        return page

    return open_page


def shown_ids(page: Page) -> list[str]:
    """The ids of the questions that are not filtered out, in their order."""
    items = page.locator("#questions > li:visible")
    return [item.get_attribute("data-id") or "" for item in items.all()]


def test_marks_count_code_points() -> None:
    """Evidence after signs beyond the basic plane is marked where it stands, and markup in the text is only text."""
    span = Span(START, START + len(QUOTE))
    expected = "&lt;script&gt;window.hacked = 1&lt;/script&gt;&lt;/mark&gt; and &lt;b&gt;bold&lt;/b&gt; &amp; more."
    html = marked(DOCUMENT, 0, [span], [])
    assert html.partition("<mark>")[2].partition("</mark>")[0] == expected
    assert html.startswith("Spines 🦴🦴 bend. שלום <mark>")


def test_evidence_over_the_edge_of_a_passage_is_marked_as_far_as_it_goes() -> None:
    """Of evidence that begins before a passage and of evidence in another place only what lies inside is marked."""
    assert marked("cdef", 2, [Span(0, 4), Span(40, 44)], []) == "<mark>cd</mark>ef"
    assert marked("cdef", 2, [Span(5, 9)], []) == "cde<mark>f</mark>"


def test_highlights_are_told_from_evidence() -> None:
    """A highlight that crosses the edge of the evidence is underlined on both sides of it."""
    assert marked("abcdef", 0, [Span(2, 4)], [Span(1, 3)]) == "a<u>b</u><mark><u>c</u>d</mark>ef"


def test_spans_that_overlap_are_marked_once() -> None:
    """Two quotes that share words are one mark; two that only touch are two."""
    assert marked("abcdef", 0, [Span(0, 3), Span(2, 5)], []) == "<mark>abcde</mark>f"
    assert marked("abcd", 0, [Span(0, 2), Span(2, 4)], []) == "<mark>ab</mark><mark>cd</mark>"


def test_the_first_five_passages_are_shown_and_the_one_that_covers() -> None:
    """Of ten passages the first five and the eighth, which covers the evidence, are shown; two are counted."""
    passages = [passage(number, number + 1, 1 - number / 10) for number in range(7)]
    covering = [passage(START, START + len(QUOTE), 0.2), passage(90, 92, 0.1)]
    run = run_of([question("q1", "Why?")], Response(id="q1", passages=(*passages, *covering)))
    (view,) = question_views(run.report().questions, run)
    assert [each.rank for each in view.passages] == [1, 2, 3, 4, 5, 8]
    assert [each.merit for each in view.passages] == [""] * 5 + ["covers the evidence"]
    assert (view.hidden, view.quotes) == (3, ())


def test_evidence_that_no_shown_passage_covers_is_quoted() -> None:
    """A reader sees what should have been found, and that a passage has a part of it."""
    run = run_of([question("q1", "Why?")], Response(id="q1", passages=(passage(0, START + 5),)))
    (view,) = question_views(run.report().questions, run)
    assert view.quotes == (QUOTE,)
    assert [each.merit for each in view.passages] == ["has a part of the evidence"]


def test_relevant_documents_are_listed_where_whole_documents_are_judged() -> None:
    """Without a quote the relevant documents are named, and a passage of one of them is told to be."""
    judged = Judged(Question("q1", "Why?", (Evidence("spine"), Evidence("neck")), answerable=True))
    run = run_of([judged], Response(id="q1", passages=(passage(0, 5),)))
    (view,) = question_views(run.report().questions, run)
    assert view.documents == ("spine", "neck")
    assert view.passages[0].merit == "is a relevant document"
    assert "document nDCG@10" in page_of(run)


def test_citations_are_judged_where_the_passage_answers() -> None:
    """Works are right, wrong or left out where the passage covers the evidence; elsewhere they can only be right."""
    cited = (Cited("pmid:1", "marked", 1), Cited("pmid:9"))
    other = passage(0, 5, 2, citations=[{"reference": "pmid:9"}, {"reference": "pmid:1"}])
    judged = question("q1", "Why?")
    wanted = msgspec.structs.replace(judged.question, references=("pmid:1", "pmid:2"))
    covering = msgspec.structs.replace(WHOLE, citations=cited)
    run = run_of([msgspec.structs.replace(judged, question=wanted)], Response(id="q1", passages=(other, covering)))
    (view,) = question_views(run.report().questions, run)
    assert [[each.right for each in shown.citations] for shown in view.passages] == [[None, True], [True, False]]
    assert [shown.missing for shown in view.passages] == [(), ("pmid:2",)]


def test_a_very_long_passage_is_folded_and_cut() -> None:
    """Some 1,200 characters are open, the rest is folded, and beyond 12,000 it is left out and counted."""
    text = "word " * 4_000
    long = Retrieved(document="spine", start=0, end=len(text), score=1, text=text)
    judged = Judged(Question("q1", "Why?", (), answerable=False))
    run = run_of([judged], Response(id="q1", passages=(long,)))
    (view,) = question_views(run.report().questions, run)
    (each,) = view.passages
    assert (len(each.text or ""), each.folded, each.left_out) == (1_199, 10_801, 8_000)
    assert f"{each.text}{each.fold}" == text[:12_000]
    assert not each.open


def test_a_fold_with_evidence_is_open() -> None:
    """Evidence deep in a long passage is never folded away or cut off."""
    text = "word " * 4_000
    long = Retrieved(document="spine", start=0, end=len(text), score=1, text=text)
    asked = Question("q1", "Why?", (Evidence("spine", text[15_000:15_004]),), answerable=True)
    run = run_of([Judged(asked, (GoldSpan("spine", 15_000, 15_004),))], Response(id="q1", passages=(long,)))
    (view,) = question_views(run.report().questions, run)
    (each,) = view.passages
    assert each.open
    assert (each.fold or "").endswith("<mark>word</mark>")


def test_the_same_run_gives_the_same_bytes(run: Run) -> None:
    """A page has no date and no chance in it."""
    assert page_of(run) == page_of(run)


def test_a_page_stands_alone(run: Run) -> None:
    """The page forbids itself to load anything, and names no address."""
    html = page_of(run)
    assert "default-src &#39;none&#39;; style-src &#39;sha256-" in html
    assert "unsafe-inline" not in html
    assert "http://" not in html
    assert "https://" not in html
    assert ' style="' not in html


def test_a_partial_run_says_so(run: Run, opened: Callable[[str], Page]) -> None:
    """What is missing is told before any figure."""
    page = opened(page_of(run))
    expect(page.get_by_role("note").first).to_contain_text("This run is partial. 1 question of 5 has no response")
    whole = run_of(run.judged[:1], run.responses["q2"])
    assert "This run is partial" not in page_of(whole)


def test_the_head_of_a_report_has_its_figures(run: Run, opened: Callable[[str], Page]) -> None:
    """The headline measures stand at the top with their intervals; an error rate with its count."""
    page = opened(page_of(run))
    assert page.locator(".headlines dt").all_text_contents() == [
        "nDCG@10",
        "R@5",
        "P@1",
        "citation F1",
        "wrong refusal less is better",
        "wrong answer less is better",
    ]
    expect(page.locator(".headlines > div").nth(4)).to_contain_text("1 of 3")


def test_every_plot_has_words(run: Run, opened: Callable[[str], Page]) -> None:
    """Each plot is an image with a name and a description; the signal `answerable` is none, which is said in words."""
    page = opened(page_of(run))
    names = page.get_by_role("img").evaluate_all("all => all.map((each) => each.querySelector('title').textContent)")
    assert names == [
        "All measures",
        "Evidence found by reading",
        "Time a question takes",
        "Risk and coverage",
        "Reliability: the first passage answers",
    ]
    expect(page.locator("figure").last).to_contain_text("The target gives no probability that anything answers.")
    assert page.locator("th:not([scope])").count() == 0


def test_hostile_text_is_shown_word_for_word(run: Run, opened: Callable[[str], Page]) -> None:
    """Markup in a source or a question is read, not obeyed, and the mark lies on the evidence and nothing else."""
    page = opened(page_of(run))
    item = page.locator("#q-q2")
    item.locator("summary").first.click()
    expect(item.locator("blockquote")).to_have_text(DOCUMENT, use_inner_text=True)
    assert item.locator("blockquote mark").all_text_contents() == [QUOTE]
    assert item.locator("blockquote u").all_text_contents() == [DOCUMENT[START + 3 : START + 9]]
    expect(page.locator("#q-q10 .question")).to_have_text("By how much did <i>pain</i> fall?")
    assert page.evaluate("window.hacked") is None
    expect(item.locator(".citations")).to_contain_text("✓ right [1] pmid:1 cited here")
    expect(item.locator(".citations")).to_contain_text("✗ wrong pmid:9 names the author")


def test_questions_are_sorted(run: Run, opened: Callable[[str], Page]) -> None:
    """Ids sort as people count, times and measures by value, and what has no value comes last."""
    page = opened(page_of(run))
    assert shown_ids(page) == ["q2", "q10", "q1", "u1", "q3"]
    page.get_by_role("combobox", name="Sort by").select_option("id")
    assert shown_ids(page) == ["q1", "q2", "q3", "q10", "u1"]
    page.get_by_role("combobox", name="Sort by").select_option("time")
    assert shown_ids(page) == ["q1", "q2", "u1", "q10", "q3"]
    page.get_by_label("Direction").select_option("highest first")
    assert shown_ids(page) == ["q10", "u1", "q2", "q1", "q3"]
    page.get_by_role("combobox", name="Sort by").select_option("P@1")
    assert shown_ids(page) == ["q2", "q1", "q10", "q3", "u1"]


def test_questions_are_filtered(run: Run, opened: Callable[[str], Page]) -> None:
    """Words, kind, answerability and faults narrow the list together, which tells how many are left."""
    page = opened(page_of(run))
    page.get_by_label("Search").fill("DOES")
    assert shown_ids(page) == ["q2", "q3"]
    expect(page.get_by_role("status")).to_have_text("2 of 5 questions shown")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("status")).to_have_text("5 of 5 questions shown")
    page.get_by_role("combobox", name="Kind").select_option("number")
    assert shown_ids(page) == ["q10"]
    page.get_by_role("combobox", name="Kind").select_option("")
    page.get_by_role("combobox", name="Answerable").select_option("no")
    assert shown_ids(page) == ["u1"]


def test_faults_filter_by_keyboard(run: Run, opened: Callable[[str], Page]) -> None:
    """The count of a fault is a button that shows its questions; two pressed show those of either."""
    page = opened(page_of(run))
    assert [text.split(maxsplit=1) for text in page.locator("[data-fault]").all_text_contents()] == [
        ["1", "no response"],
        ["1", "not first"],
        ["1", "refused"],
        ["1", "answered"],
        ["3", "wrong reference"],
    ]
    page.get_by_role("button", name="1 refused").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="1 refused")).to_have_attribute("aria-pressed", "true")
    assert shown_ids(page) == ["q1"]
    page.get_by_role("button", name="1 answered").press("Space")
    assert shown_ids(page) == ["q1", "u1"]
    page.get_by_role("button", name="Show all").press("Enter")
    expect(page.get_by_role("status")).to_have_text("5 of 5 questions shown")
    expect(page.get_by_role("button", name="1 refused")).to_have_attribute("aria-pressed", "false")


def test_tables_are_sorted_by_keyboard(run: Run, opened: Callable[[str], Page]) -> None:
    """The head of a column is a button that sorts by it, and by it the other way round."""
    table = opened(page_of(run)).locator("table[data-sortable]")
    head = table.get_by_role("button", name="Questions")
    head.press("Enter")
    expect(table.get_by_role("columnheader", name="Questions")).to_have_attribute("aria-sort", "ascending")
    assert table.locator("tbody th").all_text_contents() == ["far", "number", "fact"]
    head.press("Enter")
    assert table.locator("tbody th").all_text_contents() == ["fact", "far", "number"]


def test_a_page_without_script_is_whole(browser: Browser, run: Run) -> None:
    """Without JavaScript all questions are there, and nothing offers what would not work."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(page_of(run))
    assert page.locator("#questions > li").count() == 5
    expect(page.locator(".tools")).to_be_hidden()
    expect(page.locator("[data-fault]").first).to_be_disabled()
    context.close()


def test_a_printed_page_is_open(run: Run, opened: Callable[[str], Page]) -> None:
    """On paper all passages can be read, and there are no tools."""
    page = opened(page_of(run))
    expect(page.locator("#q-q2 blockquote")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    expect(page.locator("#q-q2 blockquote")).to_be_visible()
    assert page.locator("#q-q2 blockquote").evaluate("each => each.getBoundingClientRect().height") > 10


def comparison_of(a: Run, b: Run) -> RunComparison:
    """A comparison by two measures, with a gate, of which `q10` changed most."""
    reports = a.report(), b.report()
    values = [{each.id: each.measures for each in report.questions} for report in reports]
    measures = []
    for name in ("nDCG@10", "wrong refusal"):
        pairs = [(of[name], values[1][identity][name]) for identity, of in values[0].items() if name in of]
        found = compare([theirs - ours for ours, theirs in pairs])
        means = [sum(side) / len(pairs) for side in zip(*pairs, strict=True)]
        measures.append(MeasureComparison(name, means[0], means[1], found, 0.5))
    ours, theirs = ({each.id: each for each in report.questions} for report in reports)
    changed = Changed(ours["q10"], theirs["q10"], 0.25)
    return RunComparison(
        a=Side("runs/<a>", reports[0]),
        b=Side("runs/b", reports[1]),
        warnings=("runs/b is partial.",),
        measures=tuple(measures),
        gates=(GateResult("nDCG@10", non_inferiority([0.0, 0.1, 0.0, 0.1], -0.05)),),
        leading="nDCG@10",
        changed=(changed,),
    )


def better(run: Run) -> Run:
    """The same run with the second question answered by its first passage."""
    mended = msgspec.structs.replace(run.responses["q10"], passages=(WHOLE,))
    return msgspec.structs.replace(run, responses={**run.responses, "q10": mended})


def test_a_comparison_shows_both_sides(run: Run, opened: Callable[[str], Page]) -> None:
    """Both runs are named, gates and differences are told in words, and a question that changed stands side by side."""
    theirs = better(run)
    page = opened(comparison_page(comparison_of(run, theirs), run, theirs))
    expect(page.locator(".sides")).to_contain_text("runs/<a>")
    expect(page.get_by_role("note")).to_contain_text("runs/b is partial.")
    expect(page.locator(".gates li")).to_have_text(
        "✓ Gate nDCG@10: passed; the guarded lower end −0.0400 lies above the margin −0.05."
    )
    expect(page.locator("tbody tr").first).to_contain_text("no clear difference")
    sides = page.locator(".beside > section")
    assert sides.locator("h3").all_text_contents() == ["A", "B"]
    expect(sides.nth(0)).to_contain_text("The first passage that covers evidence has rank 2.")
    assert sides.nth(1).locator("mark").all_text_contents() == ["Pain fell by half."]
    assert page.get_by_role("img").count() == 1


def test_a_comparison_does_without_the_runs(run: Run) -> None:
    """Where a folder has gone the figures are still told, and that its passages are not at hand."""
    html = comparison_page(comparison_of(run, better(run)), None, None)
    assert html.count("The folder of this run is not at hand") == 2


def point(leg: Leg, value: float, p50_ms: float, weight: float | None = None) -> SweepPoint:
    """A combination of settings with one measure."""
    return SweepPoint(
        model="org/<model>",
        chunk_tokens=200,
        leg=leg,
        lexical_weight=weight,
        passages=90,
        index_bytes=1_500_000,
        p50_ms=p50_ms,
        run="runs/x",
        measures={"nDCG@10": Estimate(value, value - 0.1, value + 0.05, 57)},
    )


SWEEP = Sweep(
    questions="spines.jsonl",
    split=None,
    n=97,
    answerable=57,
    leading="nDCG@10",
    points=(point("hybrid", 0.9, 6.5, 0.3), point("lexical", 0.75, 0.6), point("dense", 0.8, 5.1)),
)


def test_a_sweep_is_a_plot_and_a_table(opened: Callable[[str], Page]) -> None:
    """Every combination is a dot with its settings in words and a row that can be sorted."""
    page = opened(sweep_page(SWEEP))
    dots = page.get_by_role("img").locator("g title")
    assert dots.all_text_contents() == [
        "1: org/<model>, hybrid, 200 tokens, weight 0.3; 0.900 in 6.5 ms",
        "2: org/<model>, lexical, 200 tokens, weight –; 0.750 in 0.6 ms",
        "3: org/<model>, dense, 200 tokens, weight –; 0.800 in 5.1 ms",
    ]
    page.get_by_role("button", name="nDCG@10").click()
    assert page.locator("tbody th").all_text_contents() == ["2", "3", "1"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["run", "comparison", "sweep"])
def test_a_page_fits_a_phone_and_can_be_read(
    browser: Browser, run: Run, name: str, scheme: str, tmp_path: Path
) -> None:
    """At 360 pixels nothing runs out of the page with everything open, and text stands out from its background."""
    theirs = better(run)
    pages = {
        "run": lambda: page_of(run),
        "comparison": lambda: comparison_page(comparison_of(run, theirs), run, theirs),
        "sweep": lambda: sweep_page(SWEEP),
    }
    path = tmp_path / "page.html"
    path.write_text(pages[name](), "utf-8")
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(CONTRAST) == []
    context.close()


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && node.parentElement ? behind(node.parentElement) : colour;
  };
  const faint = [];
  for (const node of document.body.querySelectorAll("*")) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
    if (["SCRIPT", "STYLE", "title", "desc", "OPTION"].includes(node.nodeName)) continue;
    const style = getComputedStyle(node);
    const front = luminance(node.nodeName === "text" ? style.fill : style.color);
    const back = luminance(behind(node));
    const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (contrast < 4.5) faint.push(`${node.nodeName} ${node.textContent.trim().slice(0, 40)}`);
  }
  return faint;
}"""
