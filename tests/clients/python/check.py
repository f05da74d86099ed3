"""The official Python SDK against a Dropbox that it is pointed at by environment variables alone.

Nothing here knows of a fake. Each finished row is reported by one line `ok <row>`; the first thing
that is not as it should be ends the program with a traceback.
"""

import datetime
import hashlib
import secrets
import sys

import dropbox
import requests
from dropbox import common, exceptions, file_properties, files

BLOCK = 4 * 1024 * 1024


def content_hash(data):
    """Dropbox's content hash: SHA-256 of the SHA-256 of each block of 4 MiB."""
    blocks = (data[start : start + BLOCK] for start in range(0, len(data), BLOCK))
    return hashlib.sha256(b"".join(hashlib.sha256(block).digest() for block in blocks)).hexdigest()


def client(token, **options):
    return dropbox.Dropbox(token, timeout=20, **options)


def refused(error_type, call):
    """The typed error that the call must end in."""
    try:
        result = call()
    except error_type as error:
        return error
    raise AssertionError(f"no {error_type.__name__}, but {result!r}")


def ok(row):
    print("ok", row, flush=True)


def consume(link, data, content_type="application/octet-stream"):
    return requests.post(link, data=data, headers={"Content-Type": content_type}, timeout=20)


def mint_and_use(dbx):
    first = dbx.files_upload(b"the first version", "/in/report.txt")
    data = secrets.token_bytes(5 * 1024 * 1024 + 1)
    modified = datetime.datetime(2015, 5, 12, 15, 50, 38)
    fields = [file_properties.PropertyField(name="Security Policy", value="Confidential")]
    commit = files.CommitInfo(
        "/in/report.txt",
        mode=files.WriteMode.update(first.rev),
        autorename=True,
        client_modified=modified,
        mute=True,
        property_groups=[file_properties.PropertyGroup("ptid:1a5n2i6d3OYEAAAAAAAAAYa", fields)],
        strict_conflict=True,
    )
    link = dbx.files_get_temporary_upload_link(commit, duration=3600).link
    ok("mint_with_every_field")

    answer = consume(link, data)
    assert answer.status_code == 200, (answer.status_code, answer.text)
    assert answer.json() == {"content-hash": content_hash(data)}, answer.text
    ok("consume")

    metadata, download = dbx.files_download("/in/REPORT.txt")
    assert download.content == data
    assert metadata.content_hash == content_hash(data)
    assert metadata.client_modified == modified
    assert metadata.id == first.id and metadata.rev != first.rev
    again = dbx.files_get_metadata(metadata.id)
    assert (again.rev, again.path_display) == (metadata.rev, "/in/report.txt")
    _, old = dbx.files_download("/in/report.txt", rev=first.rev)
    assert old.content == b"the first version"
    ok("read_back")

    gone = consume(link, b"again")
    assert (gone.status_code, gone.text) == (410, "Temporary upload link has been recently consumed.")
    ok("used_link")


def names(dbx):
    for expected in ["ü €.txt", "ü € (1).txt"]:
        commit = files.CommitInfo("/names/ü €.txt", mode=files.WriteMode.add, autorename=True)
        link = dbx.files_get_temporary_upload_link(commit).link
        answer = consume(link, expected.encode(), "text/plain; charset=dropbox-cors-hack")
        assert answer.status_code == 200, answer.text
        metadata, download = dbx.files_download("/names/" + expected)
        assert (metadata.name, download.content) == (expected, expected.encode())
    ok("autorename")

    link = dbx.files_get_temporary_upload_link(files.CommitInfo("/names/ü €.txt")).link
    answer = consume(link, b"a third one")
    assert answer.status_code == 409, answer.text
    ok("link_conflict")

    link = dbx.files_get_temporary_upload_link(files.CommitInfo("/names/none.txt")).link
    answer = requests.post(link, data=b"without a type", timeout=20)
    assert answer.status_code == 400, answer.text
    ok("link_without_type")


def errors(dbx):
    bad = refused(exceptions.BadInputError, lambda: dbx.files_list_folder("/"))
    assert "files/list_folder" in bad.message and len(bad.request_id) == 32, bad
    ok("bad_input")

    expired = refused(exceptions.AuthError, lambda: client("expired-token").check_user("x"))
    assert expired.error.is_expired_access_token(), expired
    ok("expired_token")

    narrow = client("narrow-token")
    scope = refused(exceptions.AuthError, lambda: narrow.files_get_metadata("/a"))
    assert scope.error.get_missing_scope().required_scope == "files.metadata.read", scope
    ok("missing_scope")

    missing = refused(exceptions.ApiError, lambda: dbx.files_get_metadata("/nothing"))
    assert missing.error.get_path().is_not_found(), missing
    ok("api_error")

    elsewhere = dbx.with_path_root(common.PathRoot.root("999999"))
    root = refused(exceptions.PathRootError, lambda: elsewhere.files_get_metadata("/a"))
    assert root.error.is_invalid_root(), root
    ok("path_root")


def trouble():
    impatient = client("limited-token", max_retries_on_rate_limit=0)
    limited = refused(exceptions.RateLimitError, lambda: impatient.check_user("x"))
    assert limited.backoff == 1, limited
    ok("rate_limit")
    patient = client("limited-token", max_retries_on_rate_limit=1)
    assert patient.check_user("patience").result == "patience"
    ok("rate_limit_retried")

    broken = client("broken-token", max_retries_on_error=0)
    failed = refused(exceptions.InternalServerError, lambda: broken.check_user("x"))
    assert failed.status_code == 500, failed
    ok("server_error")
    stubborn = client("broken-token", max_retries_on_error=1)
    assert stubborn.check_user("again").result == "again"
    ok("server_error_retried")


def refresh():
    app = {"app_key": "key", "app_secret": "secret"}
    renewed = dropbox.Dropbox(oauth2_refresh_token="good-refresh-token", timeout=20, **app)
    assert renewed.check_user("x").result == "x"
    # An access token that has run out is renewed in the middle of a call.
    late = dropbox.Dropbox(
        oauth2_access_token="expired-token", oauth2_refresh_token="good-refresh-token", timeout=20, **app
    )
    assert late.check_user("y").result == "y"
    ok("refresh")

    revoked = dropbox.Dropbox(oauth2_refresh_token="revoked-refresh-token", timeout=20, **app)
    refused(exceptions.AuthError, lambda: revoked.check_user("x"))
    ok("revoked_refresh")


def main():
    token = sys.argv[1]
    dbx = client(token)
    mint_and_use(dbx)
    names(dbx)
    errors(dbx)
    trouble()
    refresh()


main()
