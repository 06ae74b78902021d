// The imaging viewer: scroll through a series, window, zoom, move, play. Not for diagnosis.
import { Frames, FrameRefused } from "./frames.js";
import { Stage } from "./viewer_stage.js";
import { listenToHands, listenToKeys } from "./viewer_gestures.js";

const AHEAD = 12;
const PIXELS_A_SLICE = 12;
const PICTURES_A_SECOND = 12;

class Viewer {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-${name}]`);
    this.frames = new Frames();
    this.stage = new Stage(root.querySelector("canvas"));
    this.slider = this.part("slider");
    this.presets = this.part("presets");
    this.tool = "scroll";
    this.at = 0;
    this.addresses = [];
    this.listen();
    const first = root.querySelector("[data-series][aria-pressed=true]") ?? this.part("series");
    if (first) this.choose(first);
  }

  choose(button) {
    for (const other of this.root.querySelectorAll("[data-series]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    this.stop();
    this.addresses = JSON.parse(button.dataset.series);
    this.slider.max = this.addresses.length;
    this.part("steps").hidden = this.addresses.length < 2;
    this.stage.reset();
    if (this.presets) this.presets.value = "";
    this.show(Number(button.dataset.first ?? 0));
  }

  goBy(steps) {
    this.show(this.at + steps);
  }

  async show(at) {
    const forward = at >= this.at;
    this.at = Math.min(Math.max(at, 0), this.addresses.length - 1);
    const address = this.addresses[this.at];
    this.tellPlace();
    this.root.dataset.loading = "";
    const coming = this.frames.get(address);
    this.fetchAhead(forward);
    try {
      const frame = await coming;
      if (address !== this.addresses[this.at]) return;
      delete this.root.dataset.loading;
      this.part("trouble").hidden = true;
      this.stage.show(frame);
      this.tellWindow();
    } catch (problem) {
      if (address === this.addresses[this.at]) this.tellTrouble(problem);
    }
  }

  // Near slices first, those that lie ahead before those that were passed.
  fetchAhead(forward) {
    const wished = [];
    for (let step = 1; step <= AHEAD; step += 1) {
      for (const near of forward ? [this.at + step, this.at - step] : [this.at - step, this.at + step]) {
        if (near >= 0 && near < this.addresses.length) wished.push(this.addresses[near]);
      }
    }
    this.frames.wish(wished);
  }

  tellPlace() {
    const sentence = this.part("place").dataset.place.replace("{n}", this.at + 1).replace("{total}", this.addresses.length);
    this.part("place").textContent = sentence;
    this.slider.value = this.at + 1;
    this.slider.setAttribute("aria-valuetext", sentence);
    const document = this.addresses[this.at].split("/frames/")[0];
    this.part("open").href = document;
    this.part("download").href = `${document}/content`;
  }

  tellWindow() {
    const place = this.part("window");
    const { window } = this.stage;
    place.textContent = this.stage.hasGreys()
      ? place.dataset.window.replace("{center}", Math.round(window.center)).replace("{width}", Math.round(window.width))
      : "";
  }

  tellTrouble(problem) {
    delete this.root.dataset.loading;
    this.stop();
    const place = this.part("trouble");
    const sentence = problem instanceof FrameRefused ? problem.sentence : "";
    place.textContent = sentence || place.dataset.trouble;
    place.hidden = false;
  }

  rewindow(center, width) {
    this.stage.rewindow(center, width);
    this.tellWindow();
  }

  act(name) {
    const acts = {
      previous: () => this.goBy(-1),
      next: () => this.goBy(1),
      first: () => this.show(0),
      last: () => this.show(this.addresses.length - 1),
      larger: () => this.stage.rescale(1.25),
      smaller: () => this.stage.rescale(0.8),
      invert: () => this.stage.invert(),
      reset: () => this.reset(),
      play: () => (this.playing ? this.stop() : this.play()),
    };
    acts[name]?.();
  }

  reset() {
    this.stage.reset();
    if (this.presets) this.presets.value = "";
    this.show(this.at);
  }

  play() {
    if (this.addresses.length < 2) return;
    this.part("play").setAttribute("aria-pressed", "true");
    const begun = (this.playing = Symbol("playing"));
    const step = async () => {
      const due = performance.now() + 1000 / PICTURES_A_SECOND;
      await this.show((this.at + 1) % this.addresses.length);
      if (this.playing === begun) setTimeout(() => this.playing === begun && step(), Math.max(due - performance.now(), 0));
    };
    step();
  }

  stop() {
    this.playing = null;
    this.part("play")?.setAttribute("aria-pressed", "false");
  }

  take(tool) {
    this.tool = tool;
    this.root.dataset.tool = tool;
    for (const button of this.root.querySelectorAll("button[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
  }

  drag(tool, dx, dy) {
    if (tool === "move") this.stage.move(dx, dy);
    if (tool === "zoom") this.stage.rescale(Math.exp(-dy / 200));
    if (tool === "window" && this.stage.window) {
      const { center, width } = this.stage.window;
      const step = Math.max(width / 300, 0.5);
      this.rewindow(center + dy * step, width + dx * step);
    }
    if (tool === "scroll") this.scroll(dy);
  }

  scroll(dy) {
    this.travelled = (this.travelled ?? 0) + dy;
    const steps = Math.trunc(this.travelled / PIXELS_A_SLICE);
    this.travelled -= steps * PIXELS_A_SLICE;
    if (steps) this.goBy(steps);
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.series) this.choose(button);
      if (button.dataset.tool) this.take(button.dataset.tool);
      if (button.dataset.act) this.act(button.dataset.act);
    });
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value) - 1));
    this.presets?.addEventListener("change", () => {
      const chosen = this.presets.value ? JSON.parse(this.presets.value) : null;
      const own = this.stage.frame;
      this.rewindow(...(chosen ?? [own.window_center, own.window_width]));
    });
    listenToHands(this.stage.canvas, this);
    listenToKeys(this);
  }
}

for (const root of document.querySelectorAll("[data-viewer]")) new Viewer(root);
