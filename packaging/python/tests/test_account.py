"""An account, by the fixture ``dropbox`` and the official SDK, which knows nothing of a fake."""

import datetime
import os

import pytest
import requests
from dropbox import Dropbox
from dropbox.exceptions import ApiError, AuthError
from dropbox.files import CommitInfo

import fake_dropbox


@pytest.fixture
def sdk(dropbox):
    return Dropbox(dropbox.token, max_retries_on_error=0, max_retries_on_rate_limit=0)


def mint(sdk, path, **more):
    return sdk.files_get_temporary_upload_link(CommitInfo(path), **more).link


def put(link, content=b"hello"):
    headers = {"Content-Type": "application/octet-stream"}
    return requests.post(link, data=content, headers=headers, timeout=20)


def test_a_file_that_went_through_a_link_is_there(dropbox, sdk):
    assert put(mint(sdk, "/in/a.txt")).status_code == 200
    assert dropbox.wait_for_file("/in/*.txt") == b"hello"
    assert "/in/a.txt" in dropbox and "/in/b.txt" not in dropbox
    assert list(dropbox) == ["/in/a.txt"]
    assert dropbox.file("/in/a.txt").size == 5 and dropbox.file("/in").is_folder
    del dropbox["/in/a.txt"]
    assert "/in/a.txt" not in dropbox
    with pytest.raises(KeyError, match="/in/a.txt"):
        dropbox["/in/a.txt"]


def test_a_lost_answer_leaves_the_file(dropbox, sdk):
    lost = dropbox.fail("upload_link", after_commit="reset")
    with pytest.raises(requests.ConnectionError):
        put(mint(sdk, "/in/a.txt"))
    assert lost.fired == 1
    assert dropbox["/in/a.txt"] == b"hello"


def test_a_link_expires(dropbox, sdk):
    link = mint(sdk, "/in/a.txt", duration=3600)
    before = dropbox.clock.now
    dropbox.clock.advance(hours=1, milliseconds=1)
    assert dropbox.clock.now - before >= datetime.timedelta(hours=1)
    assert put(link).status_code == 410
    assert [each.state for each in dropbox.links] == ["expired"]
    assert dropbox.requests(route="upload_link", status=410)[0].path == "/in/a.txt"


def test_one_link_is_ended_at_once(dropbox, sdk):
    link = mint(sdk, "/in/a.txt")
    dropbox.links[0].expire()
    assert put(link).status_code == 410


def test_a_clock_can_be_frozen_and_set(dropbox):
    noon = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.timezone.utc)
    dropbox.clock.freeze(noon)
    assert dropbox.clock.frozen and dropbox.clock.now == noon
    dropbox.clock.set(noon + datetime.timedelta(days=1))
    dropbox.clock.resume()
    assert not dropbox.clock.frozen
    dropbox.clock.reset()
    with pytest.raises(ValueError, match="zone"):
        dropbox.clock.set(datetime.datetime(2030, 1, 1))
    with pytest.raises(ValueError, match="forward"):
        dropbox.clock.advance(hours=-1)


@pytest.mark.parametrize("status", [401, 413, 429, 500, 502, 503])
def test_any_status_can_be_asked_for(dropbox, status):
    dropbox.fail("files/list_folder", status)
    answer = requests.post(
        "https://api.dropboxapi.com/2/files/list_folder",
        json={"path": ""},
        headers={"Authorization": f"Bearer {dropbox.token}"},
        timeout=20,
    )
    assert answer.status_code == status


def test_a_fault_that_cannot_be_is_refused_in_words(dropbox):
    with pytest.raises(fake_dropbox.ControlError, match="uplod_link"):
        dropbox.fail("uplod_link", 503)
    with pytest.raises(ValueError, match="one moment"):
        dropbox.fail("upload_link")
    with pytest.raises(ValueError, match="429"):
        dropbox.fail("upload_link", 503, retry_after=3)
    with pytest.raises(ValueError, match="belongs to body"):
        dropbox.fail("upload_link", head="reset", after_bytes=3)
    assert dropbox.unfired_faults == []


def test_seeded_files_of_any_bytes_come_back(dropbox, sdk):
    dropbox.seed({"/a.bin": bytes(range(256)), "/t.txt": "hé", "/empty": None})
    dropbox["/big.bin"] = b"x" * 5_000_000
    assert dropbox["/a.bin"] == bytes(range(256))
    assert sdk.files_download("/t.txt")[1].content == "hé".encode()
    assert len(dropbox["/big.bin"]) == 5_000_000
    assert [entry.path for entry in dropbox.files()] == ["/a.bin", "/big.bin", "/empty", "/t.txt"]


def test_two_tests_of_one_name_have_two_accounts(fake_dropbox_server):
    fake_dropbox_server.account("twice")["/a"] = b"of the first"
    assert "/a" not in fake_dropbox_server.account("twice")


def test_an_account_goes_back_to_what_was_saved(dropbox):
    dropbox["/a"] = "1"
    dropbox.save("before")
    del dropbox["/a"]
    dropbox.restore("before")
    assert dropbox["/a"] == b"1"
    dropbox.reset()
    assert list(dropbox) == []


def test_two_accounts_never_meet(dropbox, fake_dropbox_server):
    other = fake_dropbox_server.account("other")
    dropbox["/a"] = "mine"
    assert list(other) == []


@pytest.mark.dropbox(quota=4)
def test_a_full_account(dropbox, sdk):
    with pytest.raises(ApiError, match="insufficient_space"):
        sdk.files_upload(b"hello", "/a.txt")


@pytest.mark.dropbox(scopes=["files.metadata.read"])
def test_a_scope_that_is_missing(sdk):
    with pytest.raises(AuthError, match="missing_scope"):
        sdk.files_create_folder_v2("/x")


@pytest.mark.dropbox(assume={"failed_commit": "frees"})
def test_an_open_question_answered_otherwise(dropbox, sdk):
    dropbox["/in/a.txt"] = "in the way"
    link = mint(sdk, "/in/a.txt")
    assert put(link).status_code == 409
    del dropbox["/in/a.txt"]
    assert put(link).status_code == 200


def test_refused_writes(dropbox, sdk):
    dropbox.refuse_writes("/locked")
    with pytest.raises(ApiError, match="no_write_permission"):
        sdk.files_upload(b"x", "/locked/a")
    dropbox.allow_writes("/locked")
    sdk.files_upload(b"x", "/locked/a")


def test_waiting_in_vain_says_what_came_instead(dropbox):
    dropbox["/other.txt"] = "x"
    with pytest.raises(fake_dropbox.ControlError, match="never.txt"):
        dropbox.wait_for_file("/never.txt", timeout=0.05)


def test_waiting_does_not_hold_an_event_loop_up(dropbox):
    import asyncio

    async def both():
        wait = asyncio.ensure_future(dropbox.aio.wait_for_file("/late.txt"))
        await asyncio.sleep(0)
        dropbox["/late.txt"] = "here"
        return await wait

    assert asyncio.run(both()) == b"here"


def test_the_environment_leads_to_the_fake(fake_dropbox_server):
    assert os.environ["HTTPS_PROXY"] == fake_dropbox_server.url
