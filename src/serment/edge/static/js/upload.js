// Sends the files chosen in <form data-upload> into a dossier, by tus 1.0: two at a time, resumed after a cut.
//
// The form: action="/uploads/dossiers/<id>", fields title, kind, date, sensitive, and one zone with data-drop
// (and at will an <input type="file" webkitdirectory data-folder>). The list, its templates and its sentences come
// from macros/upload.html, anywhere on the page. Nothing is kept in the browser's storage, not even an address.
import { Queue } from "./upload_queue.js";
import { Row, readWords } from "./upload_rows.js";
import { gather, isOfSystem } from "./upload_folders.js";
import { csrfToken } from "./token.js";

const SEVERAL = 10;
const ALIVE_SECONDS = 240;

class Desk {
  constructor(form) {
    this.form = form;
    this.zone = form.querySelector("[data-drop]");
    this.place = document.querySelector("[data-uploads]");
    this.list = this.place.querySelector("[data-upload-list]");
    this.voice = this.place.querySelector("[data-upload-voice]");
    this.words = readWords(this.place);
    this.queue = new Queue(form.action, csrfToken());
    this.chosen = [];
    this.listen();
  }

  listen() {
    this.form.addEventListener("serment:files", (event) => this.choose(event.detail));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    for (const field of this.form.querySelectorAll("[data-folder]")) {
      field.addEventListener("change", () => this.choose([...field.files].filter((file) => !isOfSystem(file.name))));
    }
    this.zone?.addEventListener("drop", (event) => this.takeFolders(event), { capture: true });
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.isBusy()) event.preventDefault();
    });
    setInterval(() => this.queue.stayAlive(), this.aliveSeconds() * 1000);
  }

  // The session does not end for want of requests while bytes are on their way.
  aliveSeconds() {
    const limit = Number(document.body.dataset.idleSeconds ?? 0);
    return limit ? Math.max(Math.min(limit / 3, ALIVE_SECONDS), 5) : ALIVE_SECONDS;
  }

  // A folder that is dropped gives the files in it; files alone are left to the zone itself.
  takeFolders(event) {
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.some((entry) => entry.isDirectory)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.zone.classList.remove("is-over");
    gather(entries).then((files) => this.choose(files));
  }

  choose(files) {
    if (!files.length) return;
    for (const group of groupsOf(files)) this.addRow(group);
    for (const field of this.form.querySelectorAll("input[type=file]")) field.value = "";
    this.show();
  }

  // What was chosen and how far it is stays in sight, whatever the height of the screen.
  show() {
    this.place.hidden = false;
    this.place.scrollIntoView({ block: "nearest" });
  }

  addRow(group) {
    const row = new Row(group.files, group.images, this.words, {
      remove: () => this.queue.cancel(row).then(() => this.forget(row)),
      pause: () => this.queue.pause(row),
      resume: () => this.queue.resume(row),
      cancel: () => this.queue.cancel(row).then(() => row.count("done") || this.forget(row)),
      say: (sentence) => { this.voice.textContent = sentence; },
    });
    this.chosen.push(row);
    this.list.append(row.element);
  }

  forget(row) {
    this.chosen = this.chosen.filter((other) => other !== row);
    row.element.remove();
    this.place.hidden = !this.list.childElementCount;
  }

  start() {
    if (!this.chosen.length) {
      this.form.querySelector("input[type=file]")?.focus();
      this.show();
      this.voice.textContent = this.words.nothing;
      return;
    }
    const said = new FormData(this.form);
    const several = this.chosen.reduce((count, row) => count + (row.images ? 0 : row.items.length), 0) > 1;
    let number = 0;
    for (const row of this.chosen) {
      for (const item of row.items) item.metadata = describe(said, item.file, several && !row.images ? number += 1 : 0);
      this.queue.add(row);
    }
    this.chosen = [];
    this.show();
  }
}

// Images of a series come in one row, and so does everything that comes in number.
function groupsOf(files) {
  const isImage = (file) => /(\.dcm|^[^.]*)$/i.test(file.name);
  const images = files.filter(isImage);
  const others = images.length > 1 ? files.filter((file) => !isImage(file)) : files;
  const groups = images.length > 1 ? [{ files: images, images: true }] : [];
  if (others.length >= SEVERAL) return [...groups, { files: others, images: false }];
  return [...groups, ...others.map((file) => ({ files: [file], images: false }))];
}

function describe(said, file, number) {
  const title = String(said.get("title") ?? "").trim();
  const metadata = { filename: file.name };
  if (title) metadata.title = number ? `${title} (${number})` : title;
  for (const name of ["kind", "date"]) if (said.get(name)) metadata[name] = String(said.get(name));
  if (said.get("sensitive")) metadata.sensitive = "yes";
  return metadata;
}

for (const form of document.querySelectorAll("form[data-upload]")) new Desk(form);
