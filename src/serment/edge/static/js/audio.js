// Draws the shape of a sound above its player; a tap on it goes to that moment. The player does without.
const BAR = 3;
const GAP = 1;

class Sound {
  constructor(figure) {
    this.canvas = figure.querySelector("canvas");
    this.player = figure.querySelector("audio");
    this.caption = figure.querySelector("[data-sound-length]");
    this.figure = figure;
    this.load();
  }

  async load() {
    const answer = await fetch(this.figure.dataset.sound, { headers: { accept: "application/json" } }).catch(() => null);
    const shape = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!Array.isArray(shape?.peaks) || !Number.isFinite(shape.seconds)) return;
    this.peaks = shape.peaks;
    this.seconds = shape.seconds;
    this.caption.textContent = this.figure.dataset.length.replace("{span}", span(shape.seconds));
    this.canvas.setAttribute("aria-label", `${this.canvas.getAttribute("aria-label")}. ${this.caption.textContent}`);
    this.canvas.hidden = false;
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.player.addEventListener("timeupdate", () => this.draw());
    this.canvas.addEventListener("click", (event) => this.goTo(event.offsetX / this.canvas.clientWidth));
  }

  goTo(share) {
    const go = () => { this.player.currentTime = share * this.seconds; };
    if (this.player.readyState) go();
    else this.player.addEventListener("loadedmetadata", go, { once: true });
    this.player.play().catch(() => {});
  }

  draw() {
    const density = window.devicePixelRatio || 1;
    const [wide, high] = [this.canvas.clientWidth, this.canvas.clientHeight];
    this.canvas.width = wide * density;
    this.canvas.height = high * density;
    const pen = this.canvas.getContext("2d");
    pen.scale(density, density);
    pen.fillStyle = getComputedStyle(this.canvas).color;
    const bars = Math.floor(wide / (BAR + GAP));
    const heard = this.player.currentTime / this.seconds;
    for (let bar = 0; bar < bars; bar += 1) {
      const peak = this.peaks[Math.floor((bar / bars) * this.peaks.length)] ?? 0;
      const tall = Math.max((Math.min(Math.max(peak, 0), 100) / 100) * high, 2);
      pen.globalAlpha = bar / bars < heard ? 1 : 0.5;
      pen.fillRect(bar * (BAR + GAP), (high - tall) / 2, BAR, tall);
    }
  }
}

function span(seconds) {
  const language = document.documentElement.lang;
  const said = (amount, unit) => amount.toLocaleString(language, { style: "unit", unit, unitDisplay: "long" });
  const [minutes, rest] = [Math.floor(Math.round(seconds) / 60), Math.round(seconds) % 60];
  return [minutes && said(minutes, "minute"), (rest || !minutes) && said(rest, "second")].filter(Boolean).join(" ");
}

function prepare(root) {
  for (const figure of root.querySelectorAll("[data-sound]:not([data-ready])")) {
    figure.dataset.ready = "";
    new Sound(figure);
  }
}

prepare(document);
// A document opened beside its list comes after the page.
const detail = document.querySelector("[data-detail]");
if (detail) new MutationObserver(() => prepare(detail)).observe(detail, { childList: true });
