"""Fetches each address and prints its status. The certificate is the first argument."""

import ssl
import sys
import urllib.request

handlers = [
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=sys.argv[1])),
]
for address in sys.argv[2:]:
    print(urllib.request.build_opener(*handlers).open(address).status)
