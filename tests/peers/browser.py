#!/usr/bin/python3
"""A page of grimace report in Chromium without a window: nothing is said on its console and nothing is fetched, it is no wider
than a telephone of 400 pixels or a screen of 1280, light and dark have their own colours with every text at 4.5 to 1 or more, tables sort,
names that try to be markup stay names, and printed to PDF it has all its headings. Chromium is talked to over two pipes.
Run by `make test-peers` with GRIMACE, the binary, in the environment."""
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BROWSER = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
if BROWSER is None or shutil.which("pdftotext") is None or shutil.which("pdftoppm") is None:
    print("skip browser: chromium, pdftotext or pdftoppm is not here; run: apt-get install chromium poppler-utils")
    sys.exit(0)
GRIMACE = os.path.realpath(os.environ["GRIMACE"])
bad = 0


def check(name, good, detail=""):
    global bad
    bad += not good
    print(f"ok {name}" if good else f"FAIL {name}: {str(detail)[:300]}")


class Browser:
    """The DevTools protocol over pipes 3 (to it) and 4 (from it): JSON messages, a NUL behind each."""

    def __init__(self, folder):
        to_read, self.to = os.pipe()
        self.come, from_write = os.pipe()
        moved = [os.dup2(to_read, 103), os.dup2(from_write, 104)]
        command = f'exec "$0" "$@" 3<&{moved[0]} 4>&{moved[1]} {moved[0]}<&- {moved[1]}>&-'
        self.process = subprocess.Popen(
            ["bash", "-c", command, BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             f"--user-data-dir={folder}", "about:blank"], pass_fds=moved, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (to_read, from_write, *moved):
            os.close(end)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")

    def hear(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.come, 1 << 16)
            if not piece:
                raise RuntimeError("the browser went away")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            heard = self.hear()
            if heard.get("id") == self.number:
                if "error" in heard:
                    raise RuntimeError(f"{method}: {heard['error']}")
                return heard["result"]
            self.events.append(heard)

    def evaluate(self, script):
        result = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"])[:300])
        return result["result"].get("value")

    def show(self, path, width, scheme):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.ask("Page.navigate", url="file://" + path)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.hear())

    def complaints(self):
        said = [e for e in self.events if e.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")]
        asked = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return said + [url for url in asked if not url.startswith(("file://", "data:"))], len([u for u in asked if u.startswith("file:")])

    def close(self):
        self.ask("Browser.close")
        self.process.wait(timeout=60)


# The least contrast of any text with its ground, by WCAG 2.1; grounds are those of the nearest ancestor that has one. Text in drawings
# stands on their own colours and is left to the tests of figures.
CONTRAST = """(function () {
  function rgb(text) { return text.match(/[\\d.]+/g).map(Number); }
  function light(c) {
    return c.slice(0, 3).map(function (v) { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); })
      .reduce(function (sum, v, i) { return sum + v * [0.2126, 0.7152, 0.0722][i]; }, 0);
  }
  var least = [99, ''], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    var at = walker.currentNode.parentElement, ground = at;
    if (!walker.currentNode.data.trim() || at.closest('svg,script,style')) { continue; }
    while (ground && (rgb(getComputedStyle(ground).backgroundColor)[3] === 0)) { ground = ground.parentElement; }
    var a = light(rgb(getComputedStyle(at).color)), b = light(rgb(getComputedStyle(ground).backgroundColor));
    var contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < least[0]) { least = [contrast, walker.currentNode.data.trim().slice(0, 60)]; }
  }
  return least;
})()"""
WIDER = """Array.from(document.body.querySelectorAll('*')).filter(function (e) {
  return !e.closest('.wide,.skip') && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1;
}).slice(0, 3).map(function (e) { return e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40); })"""
SORT = """(function () {
  var table = document.querySelector('table.sort'), buttons = table.querySelectorAll('thead button');
  function column() { return Array.from(table.tBodies[0].rows).map(function (r) { return r.cells[2].textContent; }); }
  buttons[2].click();
  var up = column();
  buttons[2].click();
  return [up, column(), buttons[2].parentElement.getAttribute('aria-sort')];
})()"""


def look(browser, name, path):
    for width in (400, 1280):
        for scheme in ("light", "dark"):
            browser.show(path, width, scheme)
            said, files = browser.complaints()
            check(f"{name}, {width} {scheme}: nothing is said or fetched", not said and files == 1, said)
            wide = browser.evaluate("document.documentElement.scrollWidth")
            check(f"{name}, {width} {scheme}: nothing sticks out", wide <= width and not browser.evaluate(WIDER),
                  (wide, browser.evaluate(WIDER)))
            ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
            check(f"{name}, {width} {scheme}: its own ground", (ground == "rgb(255, 255, 255)") == (scheme == "light"), ground)
            contrast = browser.evaluate(CONTRAST)
            check(f"{name}, {width} {scheme}: text can be read", contrast[0] >= 4.5, contrast)


def print_it(browser, name, path, folder):
    browser.show(path, 1280, "light")
    headings = browser.evaluate("Array.from(document.querySelectorAll('h1,h2,h3,h4')).map(function (h) { return h.textContent; })")
    pdf = os.path.join(folder, "page.pdf")
    with open(pdf, "wb") as file:
        file.write(base64.b64decode(browser.ask("Page.printToPDF", preferCSSPageSize=True)["data"]))
    text = re.sub(r"\s+", " ", subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout)
    missing = [h for h in headings if re.sub(r"\s+", " ", h) not in text]
    check(f"{name}: on paper it has its {len(headings)} headings", len(headings) > 5 and not missing, missing)
    subprocess.run(["pdftoppm", "-r", "20", "-gray", pdf, os.path.join(folder, "sheet")], check=True)
    sheets = sorted(file for file in os.listdir(folder) if file.startswith("sheet"))
    blank = 0
    for sheet in sheets:
        with open(os.path.join(folder, sheet), "rb") as file:
            pixels = file.read().split(b"\n", 3)[3]
        blank += min(pixels) > 200
    check(f"{name}: {len(sheets)} sheets, none blank", sheets and not blank, blank)


def main():
    with tempfile.TemporaryDirectory() as work:
        def run(*words):
            subprocess.run([GRIMACE, *words], cwd=work, check=True, stdout=subprocess.DEVNULL)
        run("data", "synth", "--preset", "mini", "--animals", "3", "--images", "10", "--size", "32", "--out", "data")
        with open(os.path.join(work, "c.yaml"), "w", encoding="utf-8") as file:
            file.write("name: a name that is rather long for a heading of a page on a telephone\n"
                       "data: {manifest: data/manifest.csv, label: pain, group: animal, image: {size: 32}}\n"
                       "model: {backbone: blackmice_cnn, head: painseeker}\ntrain: {epochs: 2, batch_size: 10}\n")
        run("cv", "c.yaml", "--out", "run")
        run("cv", "c.yaml", "seed=3", "--out", "other")
        run("report", "run")
        run("report", "run", "other", "--out", "both.html")
        names = ["<script>document.title='owned'</script>", "\"><img src=x onerror=\"document.title='owned'\">", "w" * 300]
        rows = [f'i{i}.png,"{names[i % 3].replace(chr(34), chr(34) * 2)}",1,{i % 2},{i // 2 % 2},{0.9 - i // 2 % 2 * 0.7:.1f},'
                f"{0.1 + i // 2 % 2 * 0.7:.1f}" for i in range(30)]
        with open(os.path.join(work, "hostile.csv"), "w", encoding="utf-8") as file:
            file.write("\n".join(["image,<b>animal</b>,fold,label,predicted,p_0,p_1", *rows, ""]))
        run("report", "hostile.csv", "--out", "hostile.html")
        browser = Browser(os.path.join(work, "profile"))
        try:
            for name, page in (("one run", "run/report.html"), ("two runs", "both.html"), ("hostile names", "hostile.html")):
                look(browser, name, os.path.join(work, page))
            check("names run nothing", browser.evaluate("document.title") != "owned" and
                  browser.evaluate("document.querySelectorAll('script,img').length") == 1)
            browser.show(os.path.join(work, "run/report.html"), 1280, "light")
            up, down, sort = browser.evaluate(SORT)
            check("tables sort", sort == "descending" and [float(x) for x in up] == sorted(float(x) for x in up) and
                  [float(x) for x in down] == sorted((float(x) for x in up), reverse=True), (up, down, sort))
            check("pictures are shown", browser.evaluate("Array.from(document.images).every(function (i) { return i.naturalWidth > 0; })"))
            print_it(browser, "one run", os.path.join(work, "run/report.html"), work)
        finally:
            browser.close()
    return bad > 0


sys.exit(main())
