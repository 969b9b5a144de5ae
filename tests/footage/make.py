"""Draw `outlet.webm` anew: a drawn outlet with a running clock, recorded by Chromium's MediaRecorder for ten seconds.

Run by hand, with Chromium installed: `python tests/footage/make.py`. Nothing in it was filmed.
"""

import base64
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

DRAWING = """
async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 320;
  canvas.height = 180;
  const draw = canvas.getContext("2d");
  const began = performance.now();
  const paint = () => {
    const seconds = (performance.now() - began) / 1000;
    draw.fillStyle = "#969890";
    draw.fillRect(0, 0, 320, 180);
    draw.fillStyle = "#181a1c";
    draw.beginPath();
    draw.arc(160, 80, 40, 0, 7);
    draw.fill();
    draw.fillStyle = seconds < 5 ? "#609496" : "#654321";
    draw.fillRect(125, 95, 70, 60);
    draw.fillRect(0, 140, 320, 40);
    draw.fillStyle = "#ffffff";
    draw.font = "20px sans-serif";
    draw.fillText(`08:00:${String(Math.floor(seconds)).padStart(2, "0")}`, 8, 24);
    draw.fillText("SYNTHETIC", 196, 172);
  };
  paint();
  const timer = setInterval(paint, 100);
  const form = { mimeType: "video/webm;codecs=vp8", videoBitsPerSecond: 60000 };
  const recorder = new MediaRecorder(canvas.captureStream(10), form);
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  await new Promise((done) => setTimeout(done, 10200));
  const ended = new Promise((done) => (recorder.onstop = done));
  recorder.stop();
  await ended;
  clearInterval(timer);
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
"""


def main() -> None:
    """Record and write."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        recorded = browser.new_page().evaluate(DRAWING)
        browser.close()
    Path(__file__).with_name("outlet.webm").write_bytes(base64.b64decode(recorded))


if __name__ == "__main__":
    main()
