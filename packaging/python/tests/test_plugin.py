"""The plugin, seen from outside: pytest runs in a process of its own."""

import os
import signal
import subprocess
import sys
import time

import pytest

import fake_dropbox
from fake_dropbox import ServerError

MINT = """
import requests
def mint(dropbox, path="/in/a.txt"):
    answer = requests.post(
        dropbox.url + "/2/files/get_temporary_upload_link",
        json={"commit_info": {"path": path}},
        headers={"Authorization": f"Bearer {dropbox.token}"}, timeout=20)
    return answer.json()["link"]
"""


@pytest.fixture(autouse=True)
def an_environment_without_a_server(monkeypatch):
    """The tests beside these leave theirs in it until the session ends."""
    for name in list(os.environ):
        if name == "FAKE_DROPBOX_URL" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def test_a_failing_test_shows_its_requests(pytester):
    pytester.makepyfile(MINT + "def test_it(dropbox):\n    mint(dropbox)\n    assert False")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*fake-dropbox requests*", "200 POST files/get_temporary_upload_link /in/a.txt*"]
    )


def test_an_unused_link_and_an_unfired_fault_fail_a_test(pytester):
    pytester.makepyfile(
        MINT
        + """
import pytest
def test_link(dropbox):
    mint(dropbox)
def test_fault(dropbox):
    dropbox.fail("upload_link", 503)
@pytest.mark.dropbox(unused_links=True, unfired_faults=True)
def test_meant(dropbox):
    mint(dropbox)
    dropbox.fail("upload_link", 503)
"""
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        ["*A link was requested and never used: /in/a.txt", "*A fault never fired: *upload_link*"]
    )


def test_a_marker_with_a_wrong_name_is_refused(pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.dropbox(quotta=1)\ndef test_it(dropbox): pass")
    result = pytester.runpytest_subprocess("--strict-markers")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*does not take quotta; it takes *"])


def test_routes_that_are_not_faked_are_told_at_the_end(pytester):
    pytester.makepyfile(
        """
import requests
def test_it(dropbox):
    requests.post(dropbox.url + "/2/sharing/list_folders", json={}, timeout=20)
"""
    )
    for arguments in [], ["-n", "2"]:
        result = pytester.runpytest_subprocess(*arguments)
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["sharing/list_folders (answered 501*"])


def test_workers_have_servers_of_their_own(pytester):
    pytester.makepyfile(
        """
import pytest
@pytest.mark.parametrize("n", range(20))
def test_it(dropbox, n):
    dropbox["/a"] = str(n)
    assert dropbox["/a"] == str(n).encode()
"""
    )
    pytester.runpytest_subprocess("-n", "4").assert_outcomes(passed=20)


def test_the_token_goes_into_the_variable_that_an_ini_option_names(pytester):
    pytester.makeini("[pytest]\nfake_dropbox_token_env = MY_TOKEN")
    pytester.makepyfile(
        "import os\ndef test_it(dropbox): assert os.environ['MY_TOKEN'] == dropbox.token"
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_server_that_runs_is_used(pytester):
    with fake_dropbox.serve() as server:
        pytester.makepyfile(f"def test_it(dropbox): assert dropbox.url == {server.url!r}")
        pytester.runpytest_subprocess("--fake-dropbox-url", server.url).assert_outcomes(passed=1)


def test_a_server_that_is_not_there_is_one_sentence(pytester):
    pytester.makepyfile("def test_it(dropbox): pass")
    result = pytester.runpytest_subprocess("--fake-dropbox-url", "http://127.0.0.1:9")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fake-dropbox at http://127.0.0.1:9 does not answer*"])


@pytest.mark.parametrize("binary", ["/nowhere/fake-dropbox", "/dev/null"])
def test_a_program_that_is_not_there_is_one_sentence(monkeypatch, binary):
    monkeypatch.setenv("FAKE_DROPBOX_BIN", binary)
    with pytest.raises(ServerError, match="FAKE_DROPBOX_BIN names"):
        fake_dropbox.serve()


def test_a_program_that_does_not_start_says_what_it_said(monkeypatch, tmp_path):
    broken = tmp_path / "fake-dropbox"
    broken.write_text("#!/bin/sh\necho 'no such library' >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("FAKE_DROPBOX_BIN", str(broken))
    with pytest.raises(ServerError, match="exit code 127.*no such library"):
        fake_dropbox.serve()


def test_a_port_that_is_taken_is_one_sentence():
    with fake_dropbox.serve() as server:
        port = server.url.rsplit(":", 1)[1]
        with pytest.raises(ServerError, match=port):
            fake_dropbox.serve("--port", port)


def test_another_version_is_refused(monkeypatch):
    from fake_dropbox import _server

    with fake_dropbox.serve() as server:
        monkeypatch.setattr(_server, "SUPPORTED", ((7, 0), (8, 0)))
        with pytest.raises(ServerError, match=r"works with 7\.0 up to, but not including, 8\.0"):
            fake_dropbox.Server(server.url)


def test_a_server_that_dies_in_the_middle_is_told(pytester):
    pytester.makepyfile(
        """
def test_dies(dropbox, fake_dropbox_server):
    fake_dropbox_server._process.kill()
    fake_dropbox_server._process.wait()
    dropbox["/a"] = "x"
def test_after(dropbox): pass
"""
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["*does not answer*it has stopped*"])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_no_server_outlives_a_pytest_that_is_killed(pytester):
    pytester.makepyfile(
        """
import os, time
def test_it(dropbox, fake_dropbox_server):
    with open("started.tmp", "w") as file:
        file.write(str(fake_dropbox_server._process.pid))
    os.rename("started.tmp", "started")
    time.sleep(600)
"""
    )
    run = subprocess.Popen([sys.executable, "-m", "pytest"], stdout=subprocess.DEVNULL)
    started = pytester.path / "started"
    wait_until(started.exists)
    server = int(started.read_text())
    run.kill()
    run.wait()
    wait_until(lambda: not runs(server))


def runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child that nobody waits for any more still has its number.
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return True


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)
