// What is seen of uploads: one row for each file, or for a group of them.
const RATE_WINDOW_SECONDS = 8;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const language = document.documentElement.lang;

export function readWords(place) {
  return JSON.parse(place.dataset.words);
}

// One file on its way: waiting, sending, held (cut, tried again), paused, refused, cancelled or done.
class Item {
  constructor(file, row) {
    this.file = file;
    this.row = row;
    this.state = "chosen";
    this.sent = 0;
    this.upload = null;
    this.problem = null;
    this.address = null;
  }

  become(state) {
    this.state = state;
    if (state === "waiting") this.problem = null;
    if (state === "done") this.sent = this.file.size;
    this.row.refresh();
  }

  progress(sent) {
    if (this.state === "held") this.state = "sending";
    this.sent = sent;
    this.row.refresh();
  }

  found(address) {
    this.address = address ?? this.address;
  }

  // Cut, or signed out meanwhile, it may come at another try; what the server has judged stays judged.
  mayComeYet() {
    const status = this.problem?.status ?? 0;
    return this.state === "refused" && (status === 0 || status === 401 || status === 429 || status >= 500);
  }

  isUnderWay() {
    return this.state === "sending" || this.state === "held";
  }

  isOver() {
    return this.state === "done" || this.state === "refused" || this.state === "cancelled";
  }
}

export class Row {
  constructor(files, images, words, acts) {
    this.words = words;
    this.images = images;
    this.acts = acts;
    this.paused = false;
    this.total = files.reduce((sum, file) => sum + file.size, 0);
    this.seen = [];
    this.items = files.map((file) => new Item(file, this));
    this.build(files);
    this.refresh();
  }

  build(files) {
    const template = document.querySelector("template[data-upload-row]");
    this.element = template.content.firstElementChild.cloneNode(true);
    this.part = (name) => this.element.querySelector(`[data-${name}]`);
    const name = files.length === 1 ? files[0].name : fill(this.images ? this.words.images : this.words.files, { n: files.length });
    this.part("name").textContent = name;
    this.part("bar").setAttribute("aria-label", name);
    this.element.addEventListener("click", (event) => {
      const act = event.target.closest("button")?.dataset.act;
      if (act) this.acts[act]();
      if (act && document.activeElement === document.body) this.element.querySelector("button:not([hidden]), a:not([hidden])")?.focus();
    });
  }

  count(state) {
    return this.items.filter((item) => item.state === state).length;
  }

  isHeld() {
    return this.count("held") > 0;
  }

  // What the row as a whole is doing.
  state() {
    if (this.count("chosen")) return "chosen";
    if (this.paused) return "paused";
    if (this.count("done") === this.items.length) return "done";
    if (this.count("cancelled") && this.items.every((item) => item.isOver())) return "cancelled";
    if (this.items.every((item) => item.isOver())) return "refused";
    if (this.isHeld()) return "held";
    return this.count("sending") ? "sending" : "waiting";
  }

  refresh() {
    const state = this.state();
    const sent = this.items.reduce((sum, item) => sum + item.sent, 0);
    this.note(state, sent);
    this.element.dataset.state = state;
    this.part("text").textContent = this.line(state, sent);
    this.part("bar").max = Math.max(this.total, 1);
    this.part("bar").value = sent;
    this.showActs(state);
    this.showTrouble(state);
    if (state !== this.told) this.tell(state);
  }

  line(state, sent) {
    const parts = [];
    if (state === "chosen" || state === "done") parts.push(size(this.total));
    else parts.push(fill(this.words.done_of, { done: size(sent), total: size(this.total) }));
    if (this.items.length > 1 && state !== "chosen") parts.push(fill(this.words.count, { n: this.count("done"), total: this.items.length }));
    if (state === "sending" && sent >= this.total) parts.push(this.words.finishing);
    else if (state === "sending") parts.push(this.timeLeft(sent));
    else if (state !== "done" || this.items.length === 1) parts.push(this.words[state]);
    return parts.filter(Boolean).join(" · ");
  }

  note(state, sent) {
    const now = performance.now() / 1000;
    if (state !== "sending") this.seen = [];
    this.seen.push({ now, sent });
    while (this.seen.length > 2 && now - this.seen[0].now > RATE_WINDOW_SECONDS) this.seen.shift();
  }

  timeLeft(sent) {
    const first = this.seen[0];
    const spent = performance.now() / 1000 - first.now;
    const rate = (sent - first.sent) / spent;
    return spent < 1.5 || rate <= 0 ? this.words.sending : fill(this.words.left, { span: span((this.total - sent) / rate) });
  }

  showActs(state) {
    const shown = {
      remove: state === "chosen" || state === "refused",
      pause: ["waiting", "sending", "held"].includes(state),
      resume: state === "paused" || (state === "refused" && this.items.some((item) => item.mayComeYet())),
      cancel: ["waiting", "sending", "held", "paused"].includes(state),
    };
    for (const [act, is] of Object.entries(shown)) this.element.querySelector(`[data-act=${act}]`).hidden = !is;
    const first = this.items.find((item) => item.state === "done" && item.address);
    this.part("open").hidden = !(first && ["done", "refused", "cancelled"].includes(state));
    if (first) this.part("open").href = first.address;
  }

  showTrouble(state) {
    const refused = this.items.filter((item) => item.state === "refused");
    const trouble = this.part("trouble");
    trouble.hidden = !refused.length || state === "paused";
    const sentences = new Map();
    for (const item of refused) {
      const sentence = item.problem ? `${item.problem.title} ${item.problem.detail}` : this.words.cut;
      sentences.set(sentence, [...(sentences.get(sentence) ?? []), item.file.name]);
    }
    trouble.textContent = [...sentences].map(([sentence, names]) =>
      this.items.length > 1 ? `${some(names)} : ${sentence}` : sentence).join("\n");
  }

  tell(state) {
    this.told = state;
    const name = this.part("name").textContent;
    const sentence = { done: this.words.said_done, refused: this.words.said_refused, held: this.words.said_held }[state];
    if (sentence) this.acts.say(fill(sentence, { name }));
  }
}

function some(names) {
  return names.length > 3 ? `${names.slice(0, 3).join(", ")}… (${names.length})` : names.join(", ");
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function size(bytes) {
  let [amount, unit] = [bytes, 0];
  while (amount >= 1000 && unit < UNITS.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  const maximumFractionDigits = unit && amount < 100 ? 1 : 0;
  return amount.toLocaleString(language, { style: "unit", unit: UNITS[unit], unitDisplay: unit ? "short" : "long", maximumFractionDigits });
}

function span(seconds) {
  const [amount, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return Math.max(Math.ceil(amount), 1).toLocaleString(language, { style: "unit", unit, unitDisplay: "long" });
}
