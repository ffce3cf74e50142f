"""Access rules and configuration of a DokuWiki are read as DokuWiki itself reads them."""

import json
import subprocess
from pathlib import Path
from random import Random

import pytest

from corpus.dokuwiki_acl import read_rules
from corpus.dokuwiki_configuration import read_configuration
from corpus.errors import SourceError
from tests.dokuwiki_renderer import DokuWiki, dokuwiki
from tests.dokuwiki_sites import Site

__all__ = ["dokuwiki"]

_PARTS = ("a", "b", "clinic", "über", "0", "a.b", "a-b", "1+1")
_WHO = ("@ALL", "@ALL", "@ALL", "@user", "ada", "%USER%", "@%GROUP%", "%GROUP%", "@all", "@ALL2")
_CHECK = r"""<?php
define('NOSESSION', true);
define('DOKU_INC', $argv[1] . '/');
$_SERVER['HTTP_HOST'] = 'localhost';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
require DOKU_INC . 'inc/init.php';
auth_setup();  // init.php does so where there is a session
$given = json_decode(file_get_contents('php://stdin'), true);
$told = [];
foreach ($given as [$rules, $pages]) {
    file_put_contents($config_cascade['acl']['default'], $rules);
    $AUTH_ACL = auth_loadACL();
    $told[] = array_map(fn($page) => auth_aclcheck($page, '', []) >= AUTH_READ, $pages);
}
echo json_encode($told);
"""
_CONFIGURATION = r"""<?php
define('NOSESSION', true);
define('DOKU_INC', $argv[1] . '/');
$conf = [];
foreach (['dokuwiki.php', 'local.php'] as $file) include "$argv[1]/conf/$file";
echo json_encode(array_filter($conf, 'is_scalar'));
"""


def _scope(random: Random) -> str:
    parts = [random.choice(_PARTS) for _ in range(random.randint(0, 3))]
    return ":".join([*parts, random.choice(("*", "*", *_PARTS))])


def _rules(random: Random) -> str:
    lines: list[str] = ["*\t@ALL\t1"] * random.randint(0, 1)
    for _ in range(random.randint(0, 9)):
        gap = random.choice((" ", "\t", "  \t "))
        line = gap.join([_scope(random), random.choice(_WHO), str(random.choice((0, 0, 0, 1, 2, 4, 8, 16, 255)))])
        line = random.choice(("", "", " ")) + line + random.choice(("", "", "", "  # closed", "#1", " #%USER%", "\r"))
        lines.append(random.choice((line, line, line, line, f"# {line}", "", line.rpartition(gap)[0])))
    return "\n".join(lines)


def _run(wiki: DokuWiki, script: str, given: object) -> object:
    path = wiki.root.parent / "check.php"
    path.write_text(script, "utf-8")
    command: list[str | Path] = ["php", "-d", "display_errors=0", "-d", "log_errors=0", path, wiki.root]
    done = subprocess.run(command, input=json.dumps(given).encode(), capture_output=True, check=True, timeout=120)
    return json.loads(done.stdout)


@pytest.mark.usefixtures("dokuwiki")
def test_rules_are_those_of_dokuwiki(tmp_path: Path) -> None:
    """Over generated rules, the pages that anonymous visitors may read are those of DokuWiki's own code."""
    random = Random(6)
    cases = []
    for _ in range(600):
        rules = _rules(random)
        scopes = [line.split()[0] for line in rules.splitlines() if line.split()]
        near = [scope.replace("*", random.choice(_PARTS)) for scope in scopes]
        pages = sorted({*near, *(_scope(random).replace("*", "page") for _ in range(6))})
        cases.append((rules, [page for page in pages if page != "#"]))
    told = _run(Site(tmp_path), _CHECK, cases)
    ours = [[read_rules(rules).opens(page) for page in pages] for rules, pages in cases]
    assert ours == told
    answers = [opened for each in ours for opened in each]
    # The cases tell something only if both answers are frequent.
    assert 0.3 < sum(answers) / len(answers) < 0.7


def test_what_is_no_level_opens_nothing() -> None:
    """A level that is no number leaves a page closed, and so does a file without rules."""
    assert not read_rules("* @ALL read").opens("page")
    assert not read_rules("* @ALL -1").opens("page")
    assert not read_rules("").opens("page")
    assert read_rules("* @ALL 0\n* @ALL 1").opens("page")


def test_configuration_is_that_of_php(dokuwiki: DokuWiki) -> None:
    """What is read of Debian's configuration is what PHP makes of it, but for what is computed."""
    told = _run(dokuwiki, _CONFIGURATION, None)
    assert isinstance(told, dict)
    ours = read_configuration(dokuwiki.root / "conf")
    computed = {name for name, value in ours.values.items() if value is None}
    assert computed == {"indexdelay", "locktime", "cachetime", "subscribe_time", "rss_update"}
    for name, value in ours.values.items():
        if name not in computed and name not in {"dmode", "fmode"} and name in told:  # these are octal
            assert value == str(told[name])
    assert len(ours.values) > 90


def test_values_as_people_write_them(tmp_path: Path) -> None:
    """Quotes, comments and later files are understood; what is computed is not guessed at."""
    (tmp_path / "dokuwiki.php").write_text("<?php\n$conf['useacl'] = 0;\n$conf['start'] = 'start';\n", "utf-8")
    (tmp_path / "local.php").write_text(
        "<?php\n# $conf['useacl'] = 0;\n/* $conf['start'] = 'no'; */\n$conf['title'] = 'It\\'s; // a title';\n"
        "$conf[\"useacl\"]=TRUE; $conf['hidepages'] = getenv(\"HIDE\");\n$conf['plugin']['x'] = 1;\n"
        "$conf['lang'] = \"$x\"; $conf['sidebar'] = \"\";",
        "utf-8",
    )
    found = read_configuration(tmp_path)
    assert found.is_on("useacl")
    assert found.text("start") == "start"
    assert found.text("title") == "It's; // a title"
    assert found.text("sidebar", "sidebar") == ""
    assert "plugin" not in found.values
    with pytest.raises(SourceError, match=r"computes \$conf\['hidepages'\]"):
        found.text("hidepages")
    with pytest.raises(SourceError, match=r"computes \$conf\['lang'\]"):
        found.text("lang")
    with pytest.raises(SourceError, match=r"holds neither dokuwiki\.php nor local\.php"):
        read_configuration(tmp_path / "elsewhere")
