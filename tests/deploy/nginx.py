"""A real nginx with the site that servers get, on free ports of this machine, with a certificate of its own."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.client import HTTPResponse
from ipaddress import IPv4Address
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from dashboard.config import ROOT
from tests.programs import program
from tests.smtp import free_port

SITE = ROOT / "deploy" / "nginx" / "dashboard.conf"

#: Seconds until nginx must answer.
PATIENCE = 20


class Nginx:
    """nginx with our site on free ports, in a folder of its own."""

    def __init__(self, folder: Path, upstream: str = "127.0.0.1:1") -> None:
        self.folder, self.http, self.https = folder, free_port(), free_port()
        folder.mkdir()
        site = SITE.read_text(encoding="utf-8")
        for old, new in {
            r"listen \[::\]:\d+[^;]*;": "",
            r"listen 80;": f"listen 127.0.0.1:{self.http};",
            r"listen 443 ": f"listen 127.0.0.1:{self.https} ",
            r"/etc/letsencrypt/live/partners\.example\.com": str(folder),
            r"/var/log/nginx": str(folder),
            r"127\.0\.0\.1:8000": upstream,
        }.items():
            site, count = re.subn(old, new, site)
            assert count, old
        (folder / "site.conf").write_text(site, encoding="utf-8")
        paths = "".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""
        main = f"{user} pid {folder}/pid; daemon off; events {{}} http {{ {paths} include {folder}/site.conf; }}"
        (folder / "nginx.conf").write_text(main, encoding="utf-8")
        certify(folder)

    @property
    def command(self) -> list[str]:
        where = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "start")]
        return [program("nginx"), *where]

    def ask(self, path: str, headers: dict[str, str] | None = None) -> HTTPResponse | HTTPError:
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        request = Request(
            f"https://127.0.0.1:{self.https}{path}", headers={"Host": "partners.example.com", **(headers or {})}
        )
        try:
            answer: HTTPResponse = urlopen(request, timeout=30, context=context)
        except HTTPError as error:
            return error
        return answer

    def send(self, lines: bytes) -> tuple[int, Message, str]:
        """Status, headers and text of the answer to a request that no client would send."""
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        with (
            socket.create_connection(("127.0.0.1", self.https), timeout=30) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            secure.sendall(lines)
            answer = HTTPResponse(secure)
            answer.begin()
            return answer.status, answer.headers, answer.read().decode()


@contextmanager
def running(nginx: Nginx) -> Iterator[None]:
    """Have nginx run until this is left."""
    with subprocess.Popen(nginx.command) as server:
        try:
            _wait_for(nginx, server)
            yield
        finally:
            server.terminate()


def _wait_for(nginx: Nginx, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", nginx.https)).close()
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("nginx did not start") from error
            time.sleep(0.05)
        else:
            return


def certify(folder: Path) -> None:
    """A certificate for 127.0.0.1, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "privkey.pem").write_bytes(pem)
