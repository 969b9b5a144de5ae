"""What a visitor of the demo sees and does, in a real browser: `qingyuan run --demo`, then four people close a case.

Screenshots are kept in test-results/.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from media import media_server
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
RESULTS = Path(__file__).resolve().parents[2] / "test-results"
CLIP = Path(__file__).resolve().parents[1] / "footage" / "outlet.webm"
SHANGHAI = timezone(timedelta(hours=8))
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: `apt-get install chromium fonts-noto-cjk`"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


MEDIA = free_port()  # where a media server will stand


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The whole platform, started as a visitor starts it, on ports and in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="qingyuan-journey-"))
    folder.chmod(0o755)
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("QINGYUAN_", "DJANGO_"))} | {
        "QINGYUAN_DATA": str(folder / "data"),
        "QINGYUAN_WEB_PORT": str(port),
        "QINGYUAN_GATEWAY_PORT": str(free_port()),
        "QINGYUAN_LIVE_HOSTS": f"http://127.0.0.1:{MEDIA}",
    }
    environment.pop("DATABASE_URL", None)
    with (folder / "run.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "qingyuan.project.cli", "run", "--demo"],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(folder / "run.log", "ready after", running)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(log: Path, words: str, running: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 200
    while words not in log.read_text():
        assert running.poll() is None, log.read_text()
        assert time.monotonic() < ends, log.read_text()
        time.sleep(0.2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    RESULTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def sign_in(browser: Browser, address: str, username: str, *, size: dict[str, int], language: str) -> Page:
    """A person at a screen: a fresh window, logged in, in that language."""
    context: BrowserContext = browser.new_context(viewport=size, locale="zh-CN" if language == "zh" else "en-GB")  # type: ignore[arg-type]
    context.add_cookies([{"name": "django_language", "value": "zh-hans" if language == "zh" else "en", "url": address}])
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", "qingyuan-demo")
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def keep(page: Page, name: str) -> None:
    page.screenshot(path=RESULTS / f"{name}.png")


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "site.jpg"
    Image.new("RGB", (640, 480), (90, 120, 130)).save(path, "JPEG")
    return path


@pytest.fixture(scope="module")
def case(browser: Browser, address: str) -> str:
    """The address of the opening case, seen to appear on the duty officer's page without a reload."""
    duty = sign_in(browser, address, "duty", size=DESKTOP, language="zh")
    expect(duty.locator("body")).to_contain_text("丹崖产业园污水处理厂总排口 COD 小时均值高于日均限值", timeout=60_000)
    keep(duty, "watch-desktop-zh")
    duty.goto(f"{address}/cases/")
    found = duty.locator(
        "a[href^='/cases/']:has-text('丹崖产业园污水处理厂总排口 COD 小时均值高于日均限值')"
    ).first.get_attribute("href")
    duty.context.close()
    assert found is not None
    return found


def holder_of(browser: Browser, address: str, case: str) -> str:
    """Log-in name of the grid worker whom the case page names."""
    from qingyuan_science.worlds import World

    page = sign_in(browser, address, "duty", size=DESKTOP, language="zh")
    page.goto(address + case)
    keep(page, "case-desktop-zh")
    text = page.locator("body").inner_text()
    page.context.close()
    from datetime import UTC, datetime

    people = [one for one in World(epoch=datetime.now(UTC)).people if one.role == "grid_worker"]
    return next(one.username for one in people if one.name.zh in text)


@pytest.mark.mission("S0-15")
def test_four_people_close_a_case_on_phone_and_desktop(browser: Browser, address: str, case: str, photo: Path) -> None:
    live = sign_in(browser, address, "duty", size=DESKTOP, language="zh")  # stays open, and is never loaded again
    live.goto(f"{address}/outfalls/now/")
    mouth = live.locator("#outfalls-now tr", has_text="丹崖产业园污水处理厂入河排污口")
    expect(mouth).to_have_attribute("data-light", "red")
    expect(mouth.locator(f"a[href='{case}']")).to_have_count(1)
    keep(live, "outfalls-now-desktop-zh")
    worker = sign_in(browser, address, holder_of(browser, address, case), size=PHONE, language="zh")
    worker.goto(f"{address}/tasks/")
    keep(worker, "tasks-phone-zh")
    worker.goto(address + case)
    keep(worker, "case-phone-zh")
    _act(worker, "accept")
    worker.goto(f"{address}{case}record/inspection/")
    for name, value in {
        "production_state": "normal", "discharge_state": "abnormal", "treatment_state": "stopped",
        "conclusion": "confirmed",
    }.items():  # fmt: skip
        _choose(worker, name, value)
    worker.fill("[name=notes]", "曝气机停运，排水浑浊")
    worker.set_input_files("[name=photos]", str(photo))
    keep(worker, "inspection-phone-zh")
    _send(worker)
    _act(worker, "confirm", violation="over-limit")
    worker.context.close()

    handler = sign_in(browser, address, "handler", size=DESKTOP, language="en")
    handler.goto(f"{address}{case}record/rectification/")
    handler.fill("[name=measure]", "Aerator repaired; the effluent is clear again.")
    handler.fill("[name=finished_on]", time.strftime("%Y-%m-%d"))
    keep(handler, "rectification-desktop-en")
    _send(handler)
    _act(handler, "rectified")
    handler.context.close()

    supervisor = sign_in(browser, address, "supervisor", size=DESKTOP, language="en")
    supervisor.goto(address + case)
    _act(supervisor, "accept_closure")
    expect(supervisor.locator("body")).to_contain_text("Closed")
    for told in ("Sign for it", "Confirm", "Rectified", "Accept and close"):
        expect(supervisor.locator("body")).to_contain_text(told)
    keep(supervisor, "closed-desktop-en")
    supervisor.context.close()
    expect(mouth.locator(f"a[href='{case}']")).to_have_count(0, timeout=20_000)
    live.context.close()


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "desktop"), (PHONE, "phone")])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_duty_officer_fits_its_screen(
    browser: Browser, address: str, case: str, size: dict[str, int], name: str, language: str
) -> None:
    page = sign_in(browser, address, "duty", size=size, language=language)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    # what moving to the next page cuts short is no failure
    page.on("requestfailed", lambda one: wrong.append(one.url) if one.failure != "net::ERR_ABORTED" else None)
    for path in (
        "watch",
        "hub",
        "traces",
        "findings",
        "findings/1",
        "cases",
        "map",
        "places",
        "stations/QJ-W03",
        "outfalls/now",
        "outfalls/990101-P0003",
        case.strip("/"),
    ):
        page.goto(f"{address}/{path}/")
        page.wait_for_timeout(800)
        keep(page, f"page-{path.replace('/', '-')}-{name}-{language}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 1, f"/{path}/ is {wide} pixels wider than a {name} screen"
    assert wrong == []
    page.context.close()


def test_no_page_breaks_an_accessibility_rule(browser: Browser, address: str, case: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = sign_in(browser, address, "duty", size=DESKTOP, language="zh")
    for path in (
        "watch",
        "findings",
        "cases",
        "places",
        "stations/QJ-W03",
        "outfalls/now",
        "outfalls/990101-P0003",
        case.strip("/"),
    ):
        page.goto(f"{address}/{path}/")
        page.wait_for_timeout(500)
        found = Axe().run(page)
        assert found.violations_count == 0, f"/{path}/: {found.generate_report()}"
    page.context.close()


def _act(page: Page, verb: str, **chosen: str) -> None:
    page.goto(f"{page.url.split('/cases/')[0]}{_case_of(page)}act/{verb}/")
    for name, value in chosen.items():
        page.select_option(f"[name={name}]", value)
    _send(page)


def _case_of(page: Page) -> str:
    found = re.search(r"/cases/\d+/", page.url)
    assert found is not None, page.url
    return found[0]


def _send(page: Page) -> None:
    page.locator("main form[method=post] button.btn-primary").first.click()
    page.wait_for_url(re.compile(r"/cases/\d+/$"))


def _choose(page: Page, name: str, value: str) -> None:
    select = page.locator(f"select[name={name}]")
    if select.count():
        select.select_option(value)
    else:
        page.locator(f"input[name={name}][value={value}]").check()


@pytest.mark.mission("S4-17")
def test_picture_chart_and_values_stand_at_one_instant(browser: Browser, address: str) -> None:
    begins = datetime.now(SHANGHAI).replace(second=20, microsecond=0) - timedelta(minutes=20)
    analyst = sign_in(browser, address, "analyst", size=DESKTOP, language="en")
    analyst.goto(f"{address}/cameras/QJ-C01/")
    analyst.fill("#id_begins_at", f"{begins:%Y-%m-%dT%H:%M:%S}")
    analyst.set_input_files("#id_file", CLIP)
    analyst.get_by_role("button", name="Keep it").click()
    start = round(begins.timestamp() * 1000)
    _wait_for_still(analyst, f"{address}/api/stations/QJ-W03/footage?range=1h", start + 40_000)
    analyst.get_by_role("link", name="Video and readings").click()
    axis = analyst.get_by_role("slider")
    expect(analyst.locator("[data-island=video]")).to_have_attribute("data-state", "ready", timeout=30_000)
    expect(axis).to_have_attribute("aria-valuenow", str(start))
    film, still = analyst.locator("video"), analyst.locator(".qy-film-box img")
    expect(film).to_be_visible()
    expect(analyst.locator(".qy-film-values")).to_contain_text("COD")
    axis.focus()
    axis.press("PageDown")  # the camera's next still, at the full minute
    expect(axis).to_have_attribute("aria-valuenow", str(start + 40_000))
    expect(still).to_be_visible()
    axis.press("PageUp")
    expect(film).to_be_visible()
    axis.press(" ")  # what plays moves the axis
    expect(axis).not_to_have_attribute("aria-valuenow", str(start), timeout=10_000)
    box = axis.bounding_box()
    assert box is not None
    axis.click(position={"x": box["width"] * 0.75, "y": 120})
    expect(film).to_be_hidden()
    keep(analyst, "video-desktop-en")
    analyst.context.close()


def _wait_for_still(page: Page, address: str, at: int) -> None:
    """The demo's own stills come in while it begins."""
    ends = time.monotonic() + 60
    while not any(item["from"] == at for item in page.request.get(address).json()["footage"]):
        assert time.monotonic() < ends, page.request.get(address).text()[:2000]
        time.sleep(0.5)


def give_live_address(browser: Browser, address: str, camera: str, live: str) -> None:
    """An officer enters it on the camera's page."""
    page = sign_in(browser, address, "enforcer1", size=DESKTOP, language="en")
    page.goto(f"{address}/cameras/{camera}/change/")
    page.fill("[name=live_url]", live)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(f"{address}/cameras/{camera}/")
    page.context.close()


@pytest.mark.mission("S4-10")
def test_live_pictures_move_and_what_is_lost_is_said_and_tried_again(browser: Browser, address: str) -> None:
    home = f"http://127.0.0.1:{MEDIA}"
    for camera, name in (("QJ-C01", "cam"), ("QJ-C02", "locked"), ("QJ-C03", "none")):
        give_live_address(browser, address, camera, f"{home}/{name}.m3u8")
    with media_server(MEDIA) as media:
        page = sign_in(browser, address, "duty", size=DESKTOP, language="en")
        if not page.evaluate("MediaSource.isTypeSupported('video/mp4; codecs=\"avc1.42E01E\"')"):
            pytest.skip("this Chromium has no H.264")
        page.goto(f"{address}/cameras/wall/?live=yes")
        moving, locked, none = (page.locator("[data-island=live]").nth(number) for number in range(3))
        expect(moving).to_have_attribute("data-live", "live", timeout=30_000)
        first = moving.locator("video").screenshot(path=RESULTS / "live-1.png")
        page.wait_for_timeout(2500)
        assert moving.locator("video").screenshot(path=RESULTS / "live-2.png") != first
        expect(locked).to_contain_text("asks for credentials (401)")
        expect(none).to_contain_text("has no such stream (404)")
        media.die()
        expect(moving).to_have_attribute("data-live", "lost", timeout=40_000)
        expect(moving).to_contain_text("The picture is lost")
        media.come_back()
        expect(moving).to_have_attribute("data-live", "live", timeout=60_000)
        page.context.close()
