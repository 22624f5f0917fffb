"""The files for a server: read by the programs that will read them there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.checks import SettingsError
from dashboard.config import NAMES, ROOT, load_settings
from tests.deploy.nginx import Nginx, running
from tests.programs import run
from tests.site import environment_of, flask, running_site
from tests.smtp import free_port

DEPLOY = ROOT / "deploy"
UNITS = ["dashboard-web.service", "dashboard-worker.service"]

#: Tenths of a point that `systemd-analyze security` may find exposed; 0 is nothing, 100 is everything.
EXPOSURE = 15


def unit(folder: Path, name: str, **changes: str) -> Path:
    """A unit as it would be on a server whose programs are those of this test."""
    text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
    text = text.replace("/opt/dashboard/.venv/bin/python", sys.executable).replace("/opt/dashboard", str(ROOT))
    for old, new in changes.items():
        assert old in text
        text = re.sub(rf"^{old}.*$", new, text, flags=re.M)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.browser
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    done = run("systemd-analyze", "verify", *[unit(tmp_path, name) for name in UNITS])
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.browser
@pytest.mark.parametrize(
    "changes", [{"ExecStart=": "ExecStart=/no/such/program"}, {"ProtectHome=": "ProtectHouse=true"}]
)
def test_systemd_would_have_noticed(tmp_path: Path, changes: dict[str, str]) -> None:
    done = run("systemd-analyze", "verify", unit(tmp_path, UNITS[0], **changes))
    assert done.stdout + done.stderr != ""


@pytest.mark.browser
@pytest.mark.parametrize("name", UNITS)
def test_the_units_give_little_away(tmp_path: Path, name: str) -> None:
    line = ["security", "--offline=true", f"--threshold={EXPOSURE}"]
    done = run("systemd-analyze", *line, unit(tmp_path, name))
    assert done.returncode == 0, done.stdout + done.stderr
    weak = unit(tmp_path, name, **{"ProtectSystem=": "", "NoNewPrivileges=": ""})
    assert run("systemd-analyze", *line, weak).returncode != 0


def test_only_the_worker_can_read_the_private_keys() -> None:
    hidden = "InaccessiblePaths=-/var/lib/dashboard/license-keys/private\n"
    web, worker = ((DEPLOY / "systemd" / name).read_text(encoding="utf-8") for name in UNITS)
    assert hidden in web
    assert hidden not in worker


def test_the_settings_of_a_server_only_lack_a_secret(tmp_path: Path) -> None:
    text = (DEPLOY / "settings.toml").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+) =", text, flags=re.M)) <= NAMES
    vendor = (ROOT / "dashboard" / "demo" / "vendor.toml").as_posix()
    text = text.replace("/etc/dashboard/vendor.toml", vendor).replace("/var/lib/dashboard", str(tmp_path / "data"))
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="SECRET_KEY is missing"):
        load_settings({"SETTINGS_FILE": str(file)})
    file.write_text(text.replace('SECRET_KEY = ""', f'SECRET_KEY = "{"0123456789abcdef" * 4}"'), encoding="utf-8")
    settings = load_settings({"SETTINGS_FILE": str(file)})
    assert settings.behind_proxy
    assert settings.is_https


def test_manage_alone_lists_the_commands(tmp_path: Path) -> None:
    """Run as the services' user, which is not there: `runuser` is replaced by what shows its arguments."""
    shown = tmp_path / "runuser"
    shown.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    shown.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    for given, last in (([], "--help"), (["tax", "load", "a b.csv"], "tax load a b.csv")):
        line = [DEPLOY / "manage", *given]
        done = subprocess.run(line, env={"PATH": path}, capture_output=True, text=True, check=True)
        assert done.stdout.strip().endswith(f"wsgi.py {last}")


def test_a_container_is_given_nothing_that_it_should_not_have() -> None:
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "data"} <= set(ignored)
    source = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for name in re.findall(r"^COPY (?!--from)(\S+)", source, flags=re.M):
        assert (ROOT / name).exists()
    assert "--require-hashes" in source
    assert "\nUSER dashboard\n" in source


@pytest.mark.browser
def test_nginx_takes_the_site(tmp_path: Path) -> None:
    nginx = Nginx(tmp_path / "nginx")
    done = subprocess.run([*nginx.command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
    site = nginx.folder / "site.conf"
    site.write_text(site.read_text(encoding="utf-8").replace("proxy_pass", "proxy_past"), encoding="utf-8")
    assert subprocess.run([*nginx.command, "-t"], capture_output=True, check=False).returncode != 0


@pytest.mark.browser
def test_behind_nginx_all_is_encrypted_joined_by_an_id_and_names_nobody(tmp_path: Path) -> None:
    flask(environment_of(tmp_path / "prepared"), "db", "upgrade")
    (tmp_path / "site").mkdir()
    production = {
        "PUBLIC_URL": "https://partners.example.com", "SECRET_KEY": "0123456789abcdef" * 4, "BEHIND_PROXY": "1",
    }  # fmt: skip
    with running_site(tmp_path / "prepared", tmp_path / "site", **production) as site:
        nginx = Nginx(tmp_path / "nginx", site.url.removeprefix("http://"))
        with running(nginx):
            answer = nginx.ask("/sign-in?next=/secret", {"X-Request-Id": "chosen-by-me"})
            assert answer.status == 200
            cookies = answer.headers.get_all("Set-Cookie", [])
            assert cookies
            assert all("Secure" in cookie for cookie in cookies)
            assert answer.headers["Strict-Transport-Security"]
            request = answer.headers["X-Request-Id"]
            assert re.fullmatch(r"[0-9a-f]{32}", request)
            assert nginx.ask("/", {"Host": "evil.example"}).status == 400
            check_refusals_of_nginx_itself(nginx)
        product = site.log.read_text(encoding="utf-8")
    theirs = (nginx.folder / "dashboard.log").read_text(encoding="utf-8")
    assert f"request={request}" in product
    assert f"request={request}" in theirs
    for private in ("127.0.0.1", "secret", "evil"):
        assert private not in theirs
        assert private not in "".join(line for line in product.splitlines() if "dashboard.request" in line)


def check_refusals_of_nginx_itself(nginx: Nginx) -> None:
    """What never reaches the product is refused in both languages, with headers as strict as the product's."""
    host = b"Host: partners.example.com\r\n"
    for request, expected in [
        (b"POST /sign-in HTTP/1.1\r\n" + host + b"Content-Length: 14680064\r\n\r\n", 413),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n" + host + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + host + b"X-Long: " + b"x" * 40_000 + b"\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
    ]:
        status, headers, text = nginx.send(request)
        assert status == expected, request[:80]
        assert re.search("[a-z]", text)
        assert re.search("[а-я]", text)
        assert "<" not in text
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Strict-Transport-Security"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.browser
def test_while_the_product_is_away_nginx_says_so(tmp_path: Path) -> None:
    nginx = Nginx(tmp_path / "nginx", f"127.0.0.1:{free_port()}")
    with running(nginx):
        answer = nginx.ask("/claim/a-secret")
        text = answer.read().decode()
    assert answer.status == 503
    assert "back in a minute" in text
    assert "через минуту" in text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Strict-Transport-Security"]
    assert "secret" not in "".join(path.read_text(encoding="utf-8") for path in nginx.folder.glob("*.log"))
