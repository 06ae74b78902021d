// The imaging viewer: scroll through a series, window, zoom, move. Not for diagnosis.
import { Frames } from "./frames.js";
import { paint } from "./painting.js";

const AHEAD = 6;
const frames = new Frames();

class Viewer {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.sheet = document.createElement("canvas");
    this.place = root.querySelector("[data-place]");
    this.levels = root.querySelector("[data-window]");
    this.trouble = root.querySelector("[data-trouble]");
    this.slider = root.querySelector("[data-slider]");
    this.tool = "scroll";
    this.at = 0;
    this.addresses = [];
    this.reset();
    this.listen();
    const first = root.querySelector("[data-series][aria-pressed=true]") ?? root.querySelector("[data-series]");
    if (first) this.choose(first);
  }

  reset() {
    this.window = null;
    this.inverted = false;
    this.scale = 1;
    this.offset = { x: 0, y: 0 };
  }

  choose(button) {
    for (const other of this.root.querySelectorAll("[data-series]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    this.addresses = JSON.parse(button.dataset.series);
    this.slider.max = this.addresses.length;
    this.reset();
    this.show(Number(button.dataset.first ?? 0));
  }

  async show(at) {
    this.at = Math.min(Math.max(at, 0), this.addresses.length - 1);
    const wanted = this.at;
    this.tellPlace();
    try {
      const frame = await frames.get(this.addresses[wanted]);
      if (wanted !== this.at) return;
      this.frame = frame;
      this.window ??= { center: frame.window_center, width: frame.window_width };
      this.trouble.hidden = true;
      this.repaint();
      this.fetchAhead();
    } catch {
      if (wanted === this.at) this.trouble.hidden = false;
    }
  }

  fetchAhead() {
    for (let step = 1; step <= AHEAD; step += 1) {
      for (const near of [this.at + step, this.at - step]) {
        if (near >= 0 && near < this.addresses.length) frames.get(this.addresses[near]).catch(() => {});
      }
    }
  }

  repaint() {
    const { rows, columns } = this.frame;
    this.sheet.width = columns;
    this.sheet.height = rows;
    this.sheet.getContext("2d").putImageData(paint(this.frame, this.window, this.inverted), 0, 0);
    this.levels.textContent = this.frame.format === "rgb8"
      ? "" : `C ${Math.round(this.window.center)} · L ${Math.round(this.window.width)}`;
    this.draw();
  }

  draw() {
    const box = this.canvas.getBoundingClientRect();
    const density = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(box.width * density);
    this.canvas.height = Math.round(box.height * density);
    if (!this.frame) return;
    const [rowSpacing, columnSpacing] = this.frame.spacing ?? [1, 1];
    const wide = this.frame.columns;
    const high = this.frame.rows * (rowSpacing / columnSpacing || 1);
    const fit = Math.min(this.canvas.width / wide, this.canvas.height / high) * this.scale;
    const left = (this.canvas.width - wide * fit) / 2 + this.offset.x * density;
    const top = (this.canvas.height - high * fit) / 2 + this.offset.y * density;
    this.pen.imageSmoothingEnabled = fit < 4;
    this.pen.drawImage(this.sheet, left, top, wide * fit, high * fit);
  }

  tellPlace() {
    this.place.textContent = `${this.at + 1} / ${this.addresses.length}`;
    this.slider.value = this.at + 1;
  }

  rewindow(center, width) {
    if (!this.frame) return;
    this.window = { center, width: Math.max(width, 1) };
    this.repaint();
  }

  rescale(factor) {
    this.scale = Math.min(Math.max(this.scale * factor, 0.25), 16);
    this.draw();
  }

  act(name) {
    const acts = {
      previous: () => this.show(this.at - 1),
      next: () => this.show(this.at + 1),
      larger: () => this.rescale(1.25),
      smaller: () => this.rescale(0.8),
      invert: () => { this.inverted = !this.inverted; if (this.frame) this.repaint(); },
      reset: () => { this.reset(); this.show(this.at); },
    };
    acts[name]?.();
  }

  take(tool) {
    this.tool = tool;
    for (const button of this.root.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
  }

  drag(dx, dy) {
    if (this.tool === "move") {
      this.offset = { x: this.offset.x + dx, y: this.offset.y + dy };
      this.draw();
    } else if (this.tool === "zoom") {
      this.rescale(Math.exp(-dy / 200));
    } else if (this.tool === "window" && this.window) {
      const step = Math.max(this.window.width / 300, 0.5);
      this.rewindow(this.window.center + dy * step, this.window.width + dx * step);
    } else if (this.tool === "scroll") {
      this.travelled = (this.travelled ?? 0) + dy;
      const steps = Math.trunc(this.travelled / 12);
      if (steps) {
        this.travelled -= steps * 12;
        this.show(this.at + steps);
      }
    }
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.series) this.choose(button);
      if (button.dataset.tool) this.take(button.dataset.tool);
      if (button.dataset.act) this.act(button.dataset.act);
      if (button.dataset.preset) this.rewindow(...JSON.parse(button.dataset.preset));
    });
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value) - 1));
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("resize", () => this.draw());
    this.followPointers();
  }

  wheel(event) {
    event.preventDefault();
    if (event.ctrlKey) this.rescale(event.deltaY < 0 ? 1.1 : 0.9);
    else this.show(this.at + Math.sign(event.deltaY));
  }

  key(event) {
    const acts = {
      ArrowUp: "previous", ArrowLeft: "previous", ArrowDown: "next", ArrowRight: "next",
      "+": "larger", "-": "smaller", i: "invert", r: "reset",
    };
    if (!(event.key in acts)) return;
    event.preventDefault();
    this.act(acts[event.key]);
  }

  // One finger, or the mouse, does what the tool says; two fingers zoom.
  followPointers() {
    const down = new Map();
    const apart = () => {
      const [one, other] = [...down.values()];
      return Math.hypot(one.x - other.x, one.y - other.y);
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const before = down.get(event.pointerId);
      if (!before) return;
      const far = down.size === 2 ? apart() : 0;
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (down.size === 2) this.rescale(apart() / far || 1);
      else this.drag(event.clientX - before.x, event.clientY - before.y);
    });
    const up = (event) => down.delete(event.pointerId);
    this.canvas.addEventListener("pointerup", up);
    this.canvas.addEventListener("pointercancel", up);
  }
}

for (const root of document.querySelectorAll("[data-viewer]")) new Viewer(root);
