"""Tells Bitwright's agents that a hardware service is there, over a NATS server.

That takes four lines of NATS' text protocol, so that a socket will do; with nats-py it is one subscription and a publish.
"""

import contextlib
import json
import select
import socket
import threading
import time
import uuid
from urllib.parse import urlsplit

from bitwright.hardware.v1 import announcement_pb2

ANNOUNCED = "bitwright.presence.v1.hardware.announced"
ASKED = "bitwright.presence.v1.hardware.asked"
INTERVAL_S = 5
RETRY_S = 2


class Announcer:
    """Announces a service at once, every INTERVAL_S, to whoever asks, and when it leaves. NATS may come and go."""

    def __init__(self, nats_url, address, version, targets):
        self.url = urlsplit(nats_url)
        self.announcement = announcement_pb2.HardwareAnnouncement(
            instance_id=uuid.uuid4().hex,
            address=address,
            version=version,
            targets=targets,
            interval_ms=1000 * INTERVAL_S,
        )
        self.connection = None
        self.left = threading.Event()

    def start(self):
        threading.Thread(target=self.run, daemon=True).start()

    def leave(self):
        self.announcement.leaving = True
        with contextlib.suppress(OSError):
            self.say()
        self.left.set()

    def run(self):
        server = (self.url.hostname, self.url.port or 4222)
        while not self.left.is_set():
            with contextlib.suppress(OSError), socket.create_connection(server, timeout=INTERVAL_S) as self.connection:
                self.follow()
            self.connection = None
            self.left.wait(RETRY_S)

    def follow(self):
        """Until the connection is lost or the service leaves."""
        login = {"verbose": False, "user": self.url.username, "pass": self.url.password}
        given = {name: value for name, value in login.items() if value is not None}
        self.connection.sendall(f"CONNECT {json.dumps(given)}\r\nSUB {ASKED} 1\r\n".encode())
        due, rest = time.monotonic(), b""
        while not self.left.is_set():
            if time.monotonic() >= due:
                self.say()
                due = time.monotonic() + INTERVAL_S
            readable, _, _ = select.select([self.connection], [], [], 0.2)
            received = self.connection.recv(4096) if readable else b""
            if readable and not received:
                return
            *lines, rest = (rest + received).split(b"\r\n")
            if b"PING" in lines:
                self.connection.sendall(b"PONG\r\n")
            if any(line.startswith(b"MSG ") for line in lines):
                due = 0

    def say(self):
        payload = self.announcement.SerializeToString()
        if self.connection is not None:
            self.connection.sendall(f"PUB {ANNOUNCED} {len(payload)}\r\n".encode() + payload + b"\r\n")
