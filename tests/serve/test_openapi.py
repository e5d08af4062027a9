"""The server answers as its OpenAPI description says, whatever it is asked."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from support.extent import long_only
from support.installed import bare_environment
from support.published import jobs_by_day, odd_values, publish, volume_by_second
from support.serving import serving

# A page beyond the end, a build that is not kept and a day that does not exist are refused, and no schema
# says so; a status that is not documented, and any answer that is not as described, is found.
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,ignored_auth"
)


def test_it_names_the_statistics_and_their_dimensions(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    operation = described["paths"]["/api/{ident}"]["get"]
    parameters = {each["name"]: each for each in operation["parameters"]}
    assert parameters["ident"]["schema"]["enum"] == ["jobs-1d", "odd-1h", "volume-1s"]
    assert parameters["instrument"]["description"].endswith("Of jobs-1d, volume-1s.")
    assert set(operation["responses"]) >= {"200", "304", "400", "401", "404", "406", "410", "503", "504"}
    assert "422" not in str(described["paths"])


@pytest.mark.slow
@pytest.mark.parametrize("token", [None, pytest.param("a-token-of-32-characters-at-least", marks=long_only)])
def test_no_answer_is_undocumented(token: str | None, tmp_path: Path) -> None:
    publish(tmp_path, [jobs_by_day(), odd_values(), volume_by_second(1000)], failed={"mine": "no column x"})
    with serving(tmp_path, env={"AUTOSTATS_TOKEN": token} if token else {}) as server:
        with server.client(**({"Authorization": f"Bearer {token}"} if token else {})) as client:
            description = tmp_path / "openapi.json"
            description.write_bytes(client.get("/openapi.json").content)
        programs = Path(sys.executable).parent
        ran = subprocess.run(
            [
                *(str(programs / "schemathesis"), "run", str(description), "--url", server.url),
                *("--checks", _CHECKS, "--max-examples", "15", "--seed", "1", "--no-color"),
                *(("--header", f"Authorization: Bearer {token}") if token else ()),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=tmp_path,
            env=bare_environment(tmp_path / "nobody"),
        )
        assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
        assert "10 selected / 10 total" in ran.stdout
        assert server.process.poll() is None
    assert "ERROR" not in (tmp_path / "logs" / "autostats.log").read_text()
