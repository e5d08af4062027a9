"""The rules of a site: for all instruments and for one, from `autostats.toml` and `--vars` to dbt."""

import json
from pathlib import Path

import pytest
from autostats import cli
from autostats.configuration.given import given_variables
from autostats.configuration.resolve import as_layer, configure
from autostats.errors import UsageError
from autostats.home import Home

STRANGE = 'O\'é \\ "x" [1].b'
TEXT = f"""[rules]
pass_rate_below = 0.9
silent_for = 86400

[rules.WISH]
pending_for = 600

[rules.{json.dumps(STRANGE)}]
p95_above = 2.5
"""


def _home(folder: Path, text: str) -> Home:
    (folder / "autostats.toml").write_text(text, encoding="utf-8")
    return Home(folder)


def test_they_reach_dbt(tmp_path: Path) -> None:
    settings = configure(_home(tmp_path, TEXT), environment={})
    assert settings.variables("duckdb")["rules"] == {
        "pass_rate_below": 0.9,
        "silent_for": 86400,
        "WISH": {"pending_for": 600},
        STRANGE: {"p95_above": 2.5},
    }


def test_without_any_dbt_gets_none(tmp_path: Path) -> None:
    assert "rules" not in configure(Home(tmp_path), environment={}).variables("duckdb")
    assert "rules" not in configure(_home(tmp_path, "[rules]\n"), environment={}).variables("duckdb")


def test_the_command_line_counts_before_the_file(tmp_path: Path) -> None:
    given = given_variables("{rules: {silent_for: 60, WISH: {pending_for: 5, p95_above: null}}}", [])
    settings = configure(_home(tmp_path, TEXT), as_layer(given, "--vars"), environment={})
    rules = settings.variables("duckdb")["rules"]
    assert isinstance(rules, dict)
    assert (rules["silent_for"], rules["pass_rate_below"], rules["WISH"]) == (60, 0.9, {"pending_for": 5})


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        (
            "[rules]\npending_fro = 5",
            "line 2: rules.pending_fro is not",
            "Did you mean pending_for, under [rules]?",
        ),
        (
            "[rules.WISH]\npending_fro = 5",
            "line 2: rules.WISH.pending_fro is not",
            "Did you mean pending_for?",
        ),
        ('\n[rules."A B"]\nx = 5', "line 3: rules.A B.x is not", "The rules are pass_rate_below, p95_above,"),
        ("[rules]\npass_rate_below = 90", "line 2: rules.pass_rate_below is not a number from 0 to 1", "0.9"),
        (
            '[rules."A B"]\npending_for = "1h"',
            "line 2: rules.A B.pending_for is not a number of seconds",
            'Write pending_for = 7200 under [rules."A B"].',
        ),
    ],
)
def test_a_wrong_line(tmp_path: Path, text: str, message: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        configure(_home(tmp_path, text), environment={})
    assert message in str(caught.value)
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("{pending_fro: 5}", "--vars: there is no rule named pending_fro."),
        ("{WISH: {pending_for: -1}}", "--vars: rules.WISH.pending_for is not a number of seconds"),
        ("5", "--vars: rules is not a mapping."),
    ],
)
def test_a_wrong_var(rules: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        as_layer(given_variables(f"{{rules: {rules}}}", []), "--vars")
    assert message in str(caught.value)
    assert caught.value.remedy


def test_settings_shows_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _home(tmp_path, TEXT)
    assert cli.invoke(["settings", "--home", str(tmp_path), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["settings"]
    shown = {row["setting"]: (row["value"], row["origin"]) for row in rows if "rules." in row["setting"]}
    assert shown == {
        "rules.pass_rate_below": ("0.9", "file"),
        "rules.p95_above": ("", "default"),
        "rules.pending_for": ("", "default"),
        "rules.silent_for": ("86400", "file"),
        "rules.WISH.pending_for": ("600", "file"),
        f"rules.{STRANGE}.p95_above": ("2.5", "file"),
    }
