"""report.html in a real browser: it asks for nothing, runs only its own, and leads from verdict to operations."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.axe import violations
from tests.render.browser import Browser
from tests.render.made_folder import Made, made_run, new_invocation_at
from tests.render.made_run import Shape

from outlast.checkers.promise import loses_nothing
from outlast.render.html import write_report
from outlast.render.index import write_index

ATTACKS = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "\"><img src=x onerror='window.pwned=1'>",
    "'-window.pwned=1-'",
    "<!--<script>",
    "{{ 7*7 }}{% raw %}",
    "\u202egnirts desrever\u202c",
    "\x1b[31mred\x1b[0m\x07\x00",
    "javascript:window.pwned=1",
    "&lt;b&gt;&amp;",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A run in which everything that an app, a node or a user names is an attack."""
    invocation = new_invocation_at(tmp_path_factory.mktemp("hostile") / "<b>&\"'run")
    shape = Shape(sessions=60, rate=80, node_prefix=" ".join(ATTACKS), user_prefix=ATTACKS[0])
    made = made_run(invocation, shape, loses_nothing())
    for witness in made.verdict["witnesses"]:
        witness.update(because=" ".join(ATTACKS), layer=ATTACKS[2], phase=ATTACKS[1], fault=ATTACKS[0])
    made.verdict["expectation"].update(promise=ATTACKS[2], reasons=list(ATTACKS))
    made.verdict.update(
        architecture=ATTACKS[2],
        experiment=ATTACKS[1],
        engine=ATTACKS[0],
        reasons=list(ATTACKS),
        not_tested=list(ATTACKS),
    )
    made.verdict["anomalies"][ATTACKS[1]] = {"count": 3}
    made.folder.write_verdict(made.verdict)
    made.folder.write_environment({attack: attack for attack in ATTACKS})
    made.folder.write_log("app-1", "\n".join(ATTACKS))
    write_report(made.folder)
    return made


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Few sessions, every part of the page: axe-core looks at each element, which takes long on a full report."""
    invocation = new_invocation_at(tmp_path_factory.mktemp("few") / "run")
    made = made_run(invocation, Shape(sessions=15, rate=60), loses_nothing())
    write_report(made.folder)
    return made


def page(made: Made) -> Path:
    return made.folder.path / "report.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["lossy", "clean"])
def test_no_request_leaves_the_file(browser: Browser, request: pytest.FixtureRequest, which: str, scheme: str) -> None:
    """Opening a report asks for the file itself and for nothing else, and the browser has nothing to complain about."""
    made = request.getfixturevalue(which)

    browser.open(page(made), scheme=scheme)

    assert [page(made).as_uri()] == browser.requests
    assert [] == browser.complaints


def test_the_policy_forbids_what_the_page_does_not_need(browser: Browser, lossy: Made) -> None:
    """Script, style, image or connection that is not ours is refused, even if it got into the page."""
    browser.open(page(lossy))

    browser.evaluate(
        """(() => {
        const add = (name, set) => { const e = document.createElement(name); set(e); document.body.append(e); };
        add("script", (e) => { e.textContent = "window.pwned = 1"; });
        add("div", (e) => { e.setAttribute("onclick", "window.pwned = 1"); e.click(); });
        add("img", (e) => { e.src = "http://127.0.0.1:9/x.png"; });
        return fetch("http://127.0.0.1:9/").catch(() => 0).then(() => 0);
        })()"""
    )

    assert browser.evaluate("window.pwned === undefined")
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_values_do_nothing(browser: Browser, hostile: Made, scheme: str) -> None:
    """Names, evidence, logs and environment of an attacker are text, whatever is opened."""
    browser.open(page(hostile), scheme=scheme)
    browser.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    browser.evaluate("document.querySelectorAll('#scrub').forEach((s) => s.dispatchEvent(new Event('input')))")

    assert browser.evaluate("window.pwned === undefined")
    assert [page(hostile).as_uri()] == browser.requests
    assert [] == browser.complaints
    assert 2 == browser.evaluate("document.scripts.length")
    assert 0 == browser.evaluate("document.images.length")
    text = browser.evaluate("document.body.textContent")
    assert "<script>window.pwned=1</script>" in text
    assert "{{ 7*7 }}" in text
    assert not set(text) & set("\x00\x07\x1b\u202e\u202c")


def test_a_hostile_index_does_nothing(browser: Browser, hostile: Made) -> None:
    """The index shows the same names and leads only to the reports beside it."""
    index = write_index_of(hostile)

    browser.open(index)

    assert browser.evaluate("window.pwned === undefined")
    assert [index.as_uri()] == browser.requests
    assert [] == browser.complaints
    links = browser.evaluate("[...document.links].map((a) => a.href)")
    assert {page(hostile).as_uri()} == {link for link in links if "#" not in link}


def write_index_of(made: Made) -> Path:
    from outlast.archive.invocation import Invocation

    return write_index(Invocation(made.folder.path.parent))


def test_from_the_verdict_to_the_operations_of_a_lost_session(browser: Browser, lossy: Made) -> None:
    """A link from the gate leads to the sessions, and a click on one shows its drawing and its operations."""
    browser.open(page(lossy))
    browser.click("#gates td.n a")
    assert "#sessions" == browser.evaluate("location.hash")
    closed = "#entries details:not([open])"
    name = browser.evaluate(f"document.querySelector('{closed} b').textContent")

    browser.click(f"{closed} summary")

    all_of_them = "[...document.querySelectorAll('#entries details')]"
    opened = f"{all_of_them}.find((d) => d.querySelector('b').textContent === '{name}')"
    assert browser.evaluate(f"{opened}.open")
    rows = browser.evaluate(f"[...{opened}.querySelectorAll('tbody tr')].map((r) => r.textContent)")
    assert any("login" in row for row in rows)
    assert any("no session" in row for row in rows)
    browser.until(f"{opened}.querySelectorAll('.drawing use').length >= {len(rows)}")
    assert "kill" in browser.evaluate(f"{opened}.querySelector('.drawing').textContent")


def test_a_click_on_a_lane_opens_that_session(browser: Browser, lossy: Made) -> None:
    """The lanes are in the order of the list: the fifth row is the fifth session."""
    browser.open(page(lossy))
    told = "JSON.parse(document.getElementById('data').textContent).lanes"
    row, (label, anchor) = browser.evaluate(f"{told}.row"), browser.evaluate(f"{told}.rows[4]")
    x, y = browser.evaluate(
        "(() => { const p = document.querySelector('#lanes svg.plot');"
        "p.scrollIntoView({block: 'center', behavior: 'instant'});"
        "const b = p.getBoundingClientRect(); return [b.x + b.width / 2, b.y]; })()"
    )

    browser.point(x, y + 4 + 4.5 * row, press=True)

    browser.until(f"document.getElementById('{anchor}').open")
    browser.until("document.activeElement.tagName === 'SUMMARY'")
    assert label.split(":")[0] == browser.evaluate("document.activeElement.querySelector('b').textContent")


def test_the_keyboard_moves_through_time(browser: Browser, lossy: Made) -> None:
    """The slider under the axis is reached by Tab, moved by the arrow keys, and says in words what it shows."""
    browser.open(page(lossy))
    browser.evaluate("document.getElementById('scrub').focus()")

    for _ in range(3):
        browser.press("ArrowRight", 39)

    assert "3" == browser.evaluate("document.getElementById('scrub').value")
    said = browser.evaluate("document.getElementById('scrub').getAttribute('aria-valuetext')")
    assert "alive" in said
    assert "p99" in said
    readout = browser.evaluate("document.querySelector('[data-panel=sessions]').textContent")
    assert readout.split(": ")[1] in said


def test_the_keyboard_reaches_every_control(browser: Browser, lossy: Made) -> None:
    """Tab comes by each link, summary, field and scrolling table, in the order of the page."""
    browser.open(page(lossy))
    focusable = "a[href], summary, input, select, [tabindex='0']"
    total = browser.evaluate(f"[...document.querySelectorAll(`{focusable}`)].filter((e) => e.checkVisibility()).length")

    reached = []
    for _ in range(total):
        browser.press("Tab", 9)
        reached.append(
            browser.evaluate(f"[...document.querySelectorAll(`{focusable}`)].indexOf(document.activeElement)")
        )

    assert -1 not in reached
    assert sorted(set(reached)) == reached
    assert total == len(reached)


def test_sifting_the_sessions(browser: Browser, lossy: Made) -> None:
    """What is typed leaves only the sessions that have it, and says how many."""
    browser.open(page(lossy))
    total = browser.evaluate("document.querySelectorAll('#entries details').length")
    name = browser.evaluate("document.querySelectorAll('#entries details b')[7].textContent")
    browser.evaluate("document.getElementById('needle').focus()")

    for letter in name:
        browser.press(letter, ord(letter.upper()), letter)

    all_of_them = "[...document.querySelectorAll('#entries details')]"
    shown = browser.evaluate(f"{all_of_them}.filter((d) => d.checkVisibility()).length")
    assert 1 <= shown < total
    assert f"{shown} of {total} shown" == browser.evaluate("document.getElementById('sifted').textContent")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_cut_off(browser: Browser, lossy: Made, width: int) -> None:
    """Narrow or wide, the page itself never scrolls sideways: what is wide scrolls in its own box."""
    browser.open(page(lossy), width=width)

    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_and_light_differ_and_can_be_read(browser: Browser, lossy: Made) -> None:
    """The page follows the system's colours."""
    grounds = []
    for scheme in ("light", "dark"):
        browser.open(page(lossy), scheme=scheme)
        grounds.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))

    light, dark = (sum(map(int, ground.removeprefix("rgb(").removesuffix(")").split(","))) for ground in grounds)
    assert light > 600
    assert dark < 150


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["report", "index"])
def test_axe_finds_no_violation(browser: Browser, few: Made, which: str, scheme: str) -> None:
    """Contrast, names, roles and structure satisfy axe-core, with a story open and a moment read out."""
    browser.open(page(few) if which == "report" else write_index_of(few), scheme=scheme)
    browser.evaluate("document.querySelectorAll('#scrub').forEach((s) => s.dispatchEvent(new Event('input')))")

    assert [] == violations(browser)
