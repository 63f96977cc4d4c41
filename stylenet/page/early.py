"""Answers while the page is loaded, which takes Gradio some seconds: who comes early is told so.

What a browser gets looks until the page is there, and then loads it.
"""

import contextlib
import http.server
import socket
import threading

PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>stylenet</title>
<style>body { font-family: sans-serif; margin: 2em }</style>
<h1>stylenet</h1>
<p>The page is being loaded: some seconds, once. It appears by itself.</p>
<script>
async function look() {
  const answer = await fetch("/", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
  else setTimeout(look, 200);
}
look();
</script>
</html>
"""


class Early(http.server.BaseHTTPRequestHandler):
    """Says that the page is not there yet, whatever is asked: status 503, come again."""

    def do_GET(self):
        """Answers a browser."""
        self.send_response(503)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *words):
        """Says nothing on the terminal."""


@contextlib.contextmanager
def answers(host, port):
    """Inside, whoever asks for the page is told to wait; afterwards the port is free.

    Args:
        host: an address of this computer, checked by `guard.check_address`.
        port: 1 to 65535.
    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    server = type("Server", (http.server.ThreadingHTTPServer,), {"address_family": family})
    with server(address[:2], Early) as early:
        threading.Thread(target=early.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield
        finally:
            early.shutdown()
