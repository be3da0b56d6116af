"""Black-box tests: they start the product themselves and use it from outside, over HTTP and with a real browser."""
import contextlib
import os
import pathlib
import re
import shutil

import pytest
import requests

from dev import instance, logs, postgres
from dev.common import ROOT, STATE
from dev.server import Server

LOGS = instance.LOGS / "black-box"
BROWSER_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)


class ServerUnderTest(Server):
    """A running Odoo with what a test asks of it from outside."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._sessions = {}
        self._expected = []

    def session(self, user, password):
        """A `requests` session in which the user is logged in."""
        if user not in self._sessions:
            session = requests.Session()
            self._post(session, "/web/session/authenticate", {"db": self.database, "login": user, "password": password})
            self._sessions[user] = session
        return self._sessions[user]

    def json_rpc(self, user, password, model, method, args=(), kwargs=None):
        """Call a public method of a model as the web client does; an error of Odoo raises RpcError."""
        parameters = {"model": model, "method": method, "args": list(args), "kwargs": kwargs or {}}
        return self._post(self.session(user, password), f"/web/dataset/call_kw/{model}/{method}", parameters)

    def _post(self, session, path, parameters):
        answer = session.post(self.url + path, json={"jsonrpc": "2.0", "method": "call", "params": parameters}, timeout=300)
        answer.raise_for_status()
        if "error" in answer.json():
            raise RpcError(answer.json()["error"]["data"])
        return answer.json().get("result")  # absent when a method returns nothing

    def sql(self, query, arguments=None):
        return postgres.execute(query, arguments, self.database)

    def expect_log(self, pattern):
        """A WARNING or ERROR that the test causes on purpose: pattern found in "LEVEL database logger: message"."""
        re.compile(pattern)
        self._expected.append(pattern)

    def check_log(self):
        problems = logs.problems(self.log, self._expected)
        assert not problems, "the server's log has unexpected records:\n" + "\n".join(problems)


class RpcError(Exception):
    """`name` is the class of Odoo's exception, the text its message."""

    def __init__(self, data):
        super().__init__(data["message"])
        self.name = data["name"].rsplit(".", 1)[-1]


@pytest.fixture(scope="session", autouse=True)
def database_server():
    shutil.rmtree(LOGS, ignore_errors=True)
    with postgres.running():
        yield


@contextlib.contextmanager
def _servers():
    """A function that starts servers; at the end of the block they are stopped and their logs are read."""
    started = []

    def start(database, *options, wait=True):
        log = LOGS / f"{database}-{len(list(LOGS.glob('*.log')))}.log"
        server = ServerUnderTest(database, *(options or ("--workers=0", "--max-cron-threads=0")), log=log)
        started.append(server)
        return server.wait() if wait else server

    try:
        yield start
    finally:
        for server in started:
            server.stop()
    for server in started:
        server.check_log()


@pytest.fixture
def start_server(database_server):
    """start_server(database, *options): more processes on a database; without options no workers and no cron."""
    with _servers() as start:
        yield start


@pytest.fixture(scope="session")
def server(database_server):
    """The product on a fresh database without demo data, for all tests of the run."""
    log = instance.new_database("sfc_blackbox")
    assert not logs.problems(log)
    with _servers() as start:
        yield start("sfc_blackbox")


class Browser:
    """A real Chromium. It reaches only this machine."""

    def __init__(self, chromium):
        self._chromium = chromium
        self._contexts = []

    def page(self, locale="en-US", width=1400, height=900):
        """A page of a new visitor; what goes wrong in its scripts is collected in `page.errors`."""
        context = self._chromium.new_context(locale=locale, viewport={"width": width, "height": height})
        context.route(lambda url: not re.match(r"(http|ws)://127\.0\.0\.1[:/]", url), lambda route: route.abort())
        self._contexts.append(context)
        page = context.new_page()
        page.locale = locale
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        return page

    def login(self, page, server, user, password):
        """Through the login form, into the backend; the user's language becomes that of the page."""
        user_id = server.sql("SELECT id FROM res_users WHERE login = %s", [user])[0][0]
        server.json_rpc(user, password, "res.users", "write", [[user_id], {"lang": page.locale.replace("-", "_")}])
        page.goto(f"{server.url}/web/login")
        page.fill("input[name=login]", user)
        page.fill("input[name=password]", password)
        page.click(".oe_login_form button[type=submit]")
        page.wait_for_selector(".o_web_client .o_main_navbar")

    def screenshot(self, page, name):
        """docs/screenshots/NAME.png when SFC_SCREENSHOTS=1 asks for new ones, else only for looking at."""
        folder = ROOT / "docs" / "screenshots" if os.environ.get("SFC_SCREENSHOTS") == "1" else STATE / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(400)  # tabs and dialogs fade in
        page.screenshot(path=folder / f"{name}.png")
        return folder / f"{name}.png"

    def close(self):
        for context in self._contexts:
            context.close()


@pytest.fixture(scope="session")
def chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("browser test: Chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def browser(chromium):
    """browser.page(locale="zh-CN"), browser.login(page, server, user, password), browser.screenshot(page, "name")."""
    browser = Browser(chromium)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def maven():
    """Folder of the public CRM data set (accounts.csv, sales_pipeline.csv, ...)."""
    folder = pathlib.Path(os.environ.get("SFC_MAVEN") or ROOT.parent / "shared" / "data" / "maven")
    if not (folder / "sales_pipeline.csv").exists():
        pytest.skip(f"real data: {folder} does not exist; SFC_MAVEN may name the folder")
    return folder
