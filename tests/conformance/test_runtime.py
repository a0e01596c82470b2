"""How a runtime is called, and what its end means."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from registry_fixtures.bundles import thin_bundle
from relocation_conformance.targets import Action, Outcome, Runtime, open_profile
from relocation_conformance.targets.drivers import Recording
from relocation_conformance.targets.inputs import Inputs, NoSuchOption
from relocation_conformance.targets.profile import Actions

ACTIONS = Actions(
    install=("mine", "install", "{name}"),
    mapping=("-m", "{mapping}"),
    parameters=("-p", "{parameters}"),
    set=("-s", "{parameter}={value}"),
    credentials=("-c", "{credentials}"),
    ca_cert=("--ca", "{pem}"),
    skip_tls_verify=("--insecure",),
)
OPERATION = {
    "installation_name": "mine",
    "revision": "1",
    "action": "install",
    "parameters": {},
    "image": {"image": "example.com/installer:v1"},
    "environment": {},
    "files": {},
    "outputs": {},
}
SAYS = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"
RUNS = f"""
import subprocess, sys
sys.exit(subprocess.run(["cnab-recording"], input={json.dumps(OPERATION)!r}, text=True).returncode)
"""


def runtime(tmp_path: Path, program: str) -> Runtime:
    """Return the runtime that a Python *program* is."""
    script = tmp_path / "mine.py"
    script.write_text(program)
    runs = tmp_path / "runs"
    runs.mkdir()
    return Runtime(open_profile(f"{sys.executable} {script}", tmp_path), runs, timeout=20)


def install(runtime: Runtime, driver: Recording | None = None) -> Action:
    return runtime.act("install", thin_bundle("acme/app"), driver=driver or Recording())


def arguments(action: Action) -> list[str]:
    words: list[str] = json.loads(action.stdout)[0]
    return words


def environment(action: Action) -> dict[str, str]:
    variables: dict[str, str] = json.loads(action.stdout)[1]
    return variables


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("install", ["install"]),
        ("upgrade", ["upgrade"]),
        ("uninstall", ["uninstall"]),
        ("com.example.check", ["run", "com.example.check"]),
    ],
)
def test_command_gets_protocol_version_1(tmp_path: Path, action: str, words: list[str]) -> None:
    bundle = thin_bundle("acme/app").write(tmp_path)

    done = runtime(tmp_path, SAYS).act(action, bundle, driver=Recording())

    rest = ["fixture", str(bundle), "--bundle-is-file", "--driver", "recording"]
    assert arguments(done) == [*words, *rest]


def test_inputs_are_handed_over_in_files(tmp_path: Path) -> None:
    inputs = Inputs(
        mapping=b"{}",
        parameters={"port": 80},
        settings={"a": "1", "b": "2"},
        credentials={"token": "secret"},
        ca_certs=[Path("/a.pem"), Path("/b.pem")],
        skip_tls_verify=True,
    )

    options = inputs.options(ACTIONS, tmp_path)

    mapping, parameters, credentials = (
        tmp_path / f"{name}.json" for name in ("relocation-mapping", "parameters", "credentials")
    )
    assert options[:4] == ["-m", str(mapping), "-p", str(parameters)]
    assert options[4:10] == ["-s", "a=1", "-s", "b=2", "-c", str(credentials)]
    assert options[10:] == ["--ca", "/a.pem", "--ca", "/b.pem", "--insecure"]
    assert mapping.read_bytes() == b"{}"
    assert json.loads(parameters.read_text()) == {"port": 80}
    assert json.loads(credentials.read_text())["credentials"] == [
        {"name": "token", "source": {"value": "secret"}}
    ]


def test_mapping_that_is_a_path_is_handed_over_as_it_is(tmp_path: Path) -> None:
    missing = tmp_path / "none.json"

    assert Inputs(mapping=missing).options(ACTIONS, tmp_path) == ["-m", str(missing)]


def test_nothing_is_handed_over_unasked(tmp_path: Path) -> None:
    assert Inputs().options(ACTIONS, tmp_path) == []


def test_option_that_the_runtime_lacks_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoSuchOption, match=r"^a relocation mapping$"):
        Inputs(mapping=b"{}").options(Actions(install=("mine",)), tmp_path)


def test_action_that_the_runtime_lacks_skips_the_check(tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    profile.write_text(
        "name = 'mine'\ndescription = 'x'\n[runtime]\ninstall = ['true', '{name}']\n"
    )

    with pytest.raises(pytest.skip.Exception, match=r"no command for the action upgrade$"):
        Runtime(open_profile(str(profile), tmp_path), tmp_path).act(
            "upgrade", thin_bundle("acme/app"), driver=Recording()
        )


def test_state_is_kept_from_one_action_to_the_next(tmp_path: Path) -> None:
    mine = runtime(tmp_path, SAYS)

    states = [environment(install(each))["XDG_STATE_HOME"] for each in (mine, mine)]

    assert states[0] == states[1]


def test_state_is_another_afresh(tmp_path: Path) -> None:
    mine = runtime(tmp_path, SAYS)

    states = [environment(install(each))["XDG_STATE_HOME"] for each in (mine, mine.afresh())]

    assert states[0] != states[1]


def test_engine_is_where_the_user_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine.example.com")

    given = environment(install(runtime(tmp_path, SAYS)))

    assert given["DOCKER_HOST"] == "tcp://engine.example.com"


def test_run_of_an_invocation_image_is_told(tmp_path: Path) -> None:
    done = install(runtime(tmp_path, RUNS))

    assert done.outcome is Outcome.DONE
    assert done.given.image == "example.com/installer:v1"


def test_exit_status_of_the_invocation_image_is_no_crash(tmp_path: Path) -> None:
    ended = install(runtime(tmp_path, RUNS), Recording(exit_status=7))

    assert (ended.outcome, ended.status) == (Outcome.DONE, 7)


def test_the_same_exit_status_without_a_run_is_a_crash(tmp_path: Path) -> None:
    ended = install(runtime(tmp_path, "import sys; sys.exit(7)"), Recording(exit_status=7))

    assert ended.outcome is Outcome.CRASHED


def test_exit_status_1_without_a_run_is_a_refusal(tmp_path: Path) -> None:
    assert install(runtime(tmp_path, "import sys; sys.exit(1)")).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("", "^install ended well, but it ran 0 invocation images, not one\n"),
        ("import sys; sys.exit(1)", "^install was not done\nrefused: "),
        (RUNS.replace("sys.exit", "") * 2, "^install ended well, but it ran 2 invocation images"),
        (
            RUNS.replace('"action"', '"act"'),
            "^install ended well, but the driver got no operation: ",
        ),
    ],
    ids=["no run", "refused", "two runs", "no operation"],
)
def test_what_was_given_is_known_of_one_run_alone(
    tmp_path: Path, program: str, reason: str
) -> None:
    action = install(runtime(tmp_path, program))

    with pytest.raises(AssertionError, match=reason):
        _ = action.given


def test_run_is_noted_in_the_diary(tmp_path: Path) -> None:
    mine = runtime(tmp_path, RUNS)

    done = mine.act("install", thin_bundle("acme/app"), driver=Recording(), mapping=b"{}")

    (noted,) = mine.diary.runs
    assert noted.ended is done
    assert noted.mapping_after == b"{}"


def test_credentials_are_secrets_of_the_diary(tmp_path: Path) -> None:
    mine = runtime(tmp_path, RUNS)

    mine.act("install", thin_bundle("a/b"), driver=Recording(), credentials={"token": "hidden"})

    assert "hidden" in mine.diary.secrets
