"""The launch environment, the workflows and the JupyterLab extension agree with the project."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import paths_abroad

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTENSION = ROOT / "src" / "paths_abroad" / "labextension"
WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def pins(path: Path) -> dict[str, set[str]]:
    """Every pinned package of a lock, with its hashes."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if pin := re.match(r"([a-z0-9][a-z0-9._-]*==[^\s;]+)", line):
            name = pin[1]
            found[name] = set()
        found[name].update(re.findall(r"sha256:[0-9a-f]{64}", line))
    return found


LOCK = pins(ROOT / "requirements.lock")
BINDER = pins(ROOT / "binder" / "requirements.txt")


def test_binder_has_the_versions_of_the_lock():
    assert len(BINDER) > 20
    assert not {
        name: hashes for name, hashes in BINDER.items() if not hashes <= LOCK.get(name, set())
    }


@pytest.mark.parametrize("file", ["requirements.lock", "binder/requirements.txt"])
def test_locks_have_a_hash_for_everything_and_no_address(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert all(pins(ROOT / file).values())
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|/", text)


def test_binder_has_what_students_need_and_is_lean():
    names = {pin.partition("==")[0] for pin in BINDER}
    wanted = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["launch"],
    ]
    wanted += PROJECT["build-system"]["requires"]  # it builds the package without the network
    for requirement in wanted:
        assert re.match(r"[\w-]+", requirement)[0].lower() in names
    assert not names & {"sphinx", "jupyter-book", "frictionless", "playwright", "pytest"}


def test_binder_starts_a_python_that_the_project_supports():
    version = re.fullmatch(r"python-3\.(\d+)\n", (ROOT / "binder/runtime.txt").read_text())
    assert int(version[1]) >= 11


def test_binder_can_run_its_last_step():
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    subprocess.run(["bash", "-n", ROOT / "binder" / "postBuild"], check=True)


# --- the extension ------------------------------------------------------------------------------


def test_the_extension_carries_our_version_and_loads_what_is_there():
    package = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert package["name"] == "paths-abroad"
    assert package["version"] == paths_abroad.__version__ == PROJECT["project"]["version"]
    assert (EXTENSION / package["jupyterlab"]["_build"]["load"]).is_file()


def test_the_extension_is_installed_with_its_vega():
    installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "paths-abroad"
    for file in EXTENSION.rglob("*"):
        if file.is_file():
            copy = installed / file.relative_to(EXTENSION)
            assert copy.read_bytes() == file.read_bytes(), "install anew: rm -r .venv; make test"
    vega = (installed / "static" / "vega.js").read_text(encoding="utf-8")
    assert "window.vegaEmbed=" in vega


def test_the_extension_asks_no_other_host():
    script = (EXTENSION / "static" / "remoteEntry.js").read_text(encoding="utf-8")
    assert not re.search(
        r"https?://|//\w+\.\w+/", re.sub(r"/\*.*?\*/", "", script, flags=re.DOTALL)
    )


# --- the workflows ------------------------------------------------------------------------------


def workflow(name: str) -> dict:
    loaded = yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))
    loaded["on"] = loaded.pop(True)  # YAML 1.1 reads "on" as a truth value
    return loaded


def steps(name: str) -> list[dict]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def commands(name: str) -> str:
    return "\n".join(step.get("run", "") for step in steps(name))


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_workflows_pin_actions_and_ask_for_little(name):
    uses = [step["uses"] for step in steps(name) if "uses" in step]
    assert uses
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in uses)
    assert workflow(name)["permissions"] in ({}, {"contents": "read"})
    assert all("timeout-minutes" in job for job in workflow(name)["jobs"].values())


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_the_commands_of_workflows_are_valid_shell(name):
    for step in steps(name):
        if "run" in step:
            script = re.sub(r"\$\{\{.*?\}\}", "x", step["run"])
            subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_the_tests_run_on_push_with_the_oldest_and_the_newest_python():
    (job,) = workflow("test")["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    assert {"push", "pull_request"} <= set(workflow("test")["on"])
    assert "make test" in commands("test")


def test_the_book_is_published_with_its_notebooks_to_the_branch_that_colab_reads():
    assert workflow("pages")["on"]["push"]["branches"] == ["main"]
    assert workflow("pages")["jobs"]["publish"]["permissions"] == {"contents": "write"}
    assert "make book" in commands("pages")
    assert "gh-pages" in commands("pages")


def test_the_link_check_is_weekly_and_never_blocks():
    links = workflow("links")
    assert set(links["on"]) == {"schedule", "workflow_dispatch"}
    assert re.fullmatch(r"\d+ \d+ \* \* \d", links["on"]["schedule"][0]["cron"])
    assert all(job["continue-on-error"] for job in links["jobs"].values())
    assert "tools/check_links.py" in commands("links")


# --- the link check -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def check_links():
    spec = importlib.util.spec_from_file_location("check_links", ROOT / "tools" / "check_links.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_links_are_found_in_markdown(check_links):
    text = (
        "[a](https://a.org/x_(y)) and <https://b.org/q?p=1>, "
        '[c](https://c.org "title"), [d](page.md), https://bare.org'
    )
    assert check_links.addresses_in(text) == [
        "https://a.org/x_(y)",
        "https://b.org/q?p=1",
        "https://c.org",
    ]


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_every_source_is_checked(check_links, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sources.csv").write_text(
        "source_id,url\none,https://one.org\nnone,\n", encoding="utf-8"
    )
    (tmp_path / "a.md").write_text("[one](https://one.org)", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "a.md"], cwd=tmp_path, check=True)
    assert check_links.addresses(tmp_path) == {"https://one.org": ["data/sources.csv, one", "a.md"]}


def test_the_report_names_address_problem_and_place(check_links):
    places = {"https://one.org": ["data/sources.csv, one"], "https://two.org": ["a.md"]}
    text = check_links.report(places, {"https://one.org": "answers 404"})
    assert "1 of 2" in text
    assert "| <https://one.org> | answers 404 | data/sources.csv, one |" in text
    assert check_links.report(places, {}) == "All 2 addresses answer.\n"
