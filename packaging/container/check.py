"""Uses a fake-dropbox that runs in an empty image: a link, and a webhook that is registered by name.

usage: check.py URL
"""

import http.server
import json
import sys
import threading
import urllib.parse
import urllib.request

URL = sys.argv[1]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(address, body, content_type="application/json"):
    headers = {"Authorization": "Bearer t", "Content-Type": content_type}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with DIRECT.open(urllib.request.Request(address, data, headers)) as answer:
        return answer.read()


class Hook(http.server.BaseHTTPRequestHandler):
    """A webhook that answers the challenge."""

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(query["challenge"][0].encode())

    def log_message(self, *_):
        """Says nothing."""


mint = f"{URL}/2/files/get_temporary_upload_link"
link = json.loads(post(mint, {"commit_info": {"path": "/a.txt"}}))["link"]
path = urllib.parse.urlparse(link).path
assert b"content-hash" in post(URL + path, b"hello", "application/octet-stream")
print("a link was requested and used")

hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
post(f"{URL}/_fake/v1/apps", {"key": "k", "secret": "s"})
post(f"{URL}/_fake/v1/webhooks", {"url": f"http://localhost:{hook.server_port}/hook", "app": "k"})
print("a webhook was registered by name")
