// Where a frame is drawn: through its window, fitted to the stage, then zoomed and moved.
import { paint } from "./painting.js";

const SMALLEST = 0.25;
const LARGEST = 16;

export class Stage {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.sheet = document.createElement("canvas");
    this.reset();
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  reset() {
    this.window = null;
    this.inverted = false;
    this.scale = 1;
    this.offset = { x: 0, y: 0 };
  }

  show(frame) {
    this.frame = frame;
    this.window ??= { center: frame.window_center, width: frame.window_width };
    this.repaint();
  }

  hasGreys() {
    return Boolean(this.frame) && this.frame.format !== "rgb8";
  }

  rewindow(center, width) {
    if (!this.hasGreys()) return;
    this.window = { center, width: Math.max(width, 1) };
    this.repaint();
  }

  invert() {
    this.inverted = !this.inverted;
    this.repaint();
  }

  // The middle of the stage keeps showing what it showed.
  rescale(factor) {
    const scale = Math.min(Math.max(this.scale * factor, SMALLEST), LARGEST);
    this.offset = { x: this.offset.x * (scale / this.scale), y: this.offset.y * (scale / this.scale) };
    this.scale = scale;
    this.draw();
  }

  move(dx, dy) {
    this.offset = { x: this.offset.x + dx, y: this.offset.y + dy };
    this.draw();
  }

  // However many changes come in between, one picture is painted for each one that the screen shows.
  repaint() {
    this.stale = true;
    this.draw();
  }

  draw() {
    this.coming ??= requestAnimationFrame(() => {
      this.coming = null;
      if (this.frame) this.drawNow();
    });
  }

  drawNow() {
    if (this.stale) {
      this.stale = false;
      this.sheet.width = this.frame.columns;
      this.sheet.height = this.frame.rows;
      this.sheet.getContext("2d").putImageData(paint(this.frame, this.window, this.inverted), 0, 0);
    }
    const density = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.canvas.clientWidth * density);
    this.canvas.height = Math.round(this.canvas.clientHeight * density);
    const [rowSpacing, columnSpacing] = this.frame.spacing ?? [1, 1];
    const wide = this.frame.columns;
    const high = this.frame.rows * (rowSpacing / columnSpacing || 1);
    const fit = Math.min(this.canvas.width / wide, this.canvas.height / high) * this.scale;
    const left = (this.canvas.width - wide * fit) / 2 + this.offset.x * density;
    const top = (this.canvas.height - high * fit) / 2 + this.offset.y * density;
    this.pen.imageSmoothingEnabled = fit < 4;
    this.pen.imageSmoothingQuality = "high";
    this.pen.drawImage(this.sheet, left, top, wide * fit, high * fit);
  }
}
