// Two uploads at a time. Each is opened first and then sent in one long request, so that a lost answer files nothing twice.
import "./tus.min.js";

const AT_ONCE = 2;
const DELAYS = [500, 1000, 2000, 4000, 8000, 15000, ...Array(20).fill(30000)];
const WORTH_ANOTHER_TRY = new Set([0, 409, 423, 429, 500, 502, 503, 504]);
const FORGETFUL = { findAllUploads: async () => [], findUploadsByFingerprint: async () => [], addUpload: async () => null, removeUpload: async () => {} };

export class Queue {
  constructor(address, token) {
    this.address = address;
    this.token = token;
    this.rows = [];
    // The network came back: what waits for its next try goes at once.
    window.addEventListener("online", () => this.rows.forEach((row) => row.isHeld() && this.resume(row)));
  }

  add(row) {
    this.rows.push(row);
    for (const item of row.items) item.become("waiting");
    this.pump();
  }

  pause(row) {
    row.paused = true;
    for (const item of row.items) {
      if (item.isUnderWay()) item.upload.abort();
      if (!item.isOver()) item.become("paused");
    }
    this.pump();
  }

  resume(row) {
    row.paused = false;
    for (const item of row.items) {
      if (item.isUnderWay()) item.upload.abort();
      if (!item.isOver() || item.mayComeYet()) item.become("waiting");
    }
    this.pump();
  }

  async cancel(row) {
    const begun = row.items.filter((item) => item.state !== "done" && item.upload?.url);
    for (const item of row.items) {
      if (item.isUnderWay()) item.upload.abort();
      if (item.state !== "done") item.become("cancelled");
    }
    this.rows = this.rows.filter((other) => other !== row);
    this.pump();
    await Promise.allSettled(begun.map((item) => item.upload.abort(true)));
  }

  isBusy() {
    return this.rows.some((row) => row.items.some((item) => item.isUnderWay() || item.state === "waiting"));
  }

  stayAlive() {
    const sending = this.rows.flatMap((row) => row.items).find((item) => item.isUnderWay() && item.upload.url);
    if (!sending) return;
    fetch(sending.upload.url, { method: "HEAD", headers: { "tus-resumable": "1.0.0" } }).catch(() => {});
    document.dispatchEvent(new Event("serment:activity"));
  }

  pump() {
    const items = this.rows.flatMap((row) => row.items);
    let free = AT_ONCE - items.filter((item) => item.isUnderWay()).length;
    for (const item of items) {
      if (free <= 0) return;
      if (item.state !== "waiting") continue;
      free -= 1;
      this.send(item);
    }
  }

  send(item) {
    item.become("sending");
    item.upload ??= new window.tus.Upload(item.file, this.options(item));
    item.upload.start();
  }

  options(item) {
    return {
      endpoint: this.address,
      headers: { "X-Serment-Csrf": this.token },
      metadata: item.metadata,
      retryDelays: DELAYS,
      urlStorage: FORGETFUL,
      fingerprint: async () => null,
      storeFingerprintForResuming: false,
      onAfterResponse: (_request, answer) => item.found(answer.getHeader("Serment-Document")),
      onProgress: (sent) => item.progress(sent),
      onShouldRetry: (error) => this.worthAnotherTry(item, error),
      onSuccess: () => this.end(item, "done"),
      onError: (error) => this.fail(item, error),
    };
  }

  worthAnotherTry(item, error) {
    if (!WORTH_ANOTHER_TRY.has(statusOf(error)) || !item.isUnderWay()) return false;
    item.become("held");
    return true;
  }

  fail(item, error) {
    item.problem = problemOf(error);
    this.end(item, "refused");
  }

  end(item, state) {
    if (item.isUnderWay()) item.become(state);
    this.pump();
  }
}

function statusOf(error) {
  return error.originalResponse?.getStatus() ?? 0;
}

// The sentences of the server's refusal, in the reader's language; none when it could not be reached.
function problemOf(error) {
  try {
    const { title, detail, status } = JSON.parse(error.originalResponse.getBody());
    return title ? { title, detail, status } : null;
  } catch {
    return null;
  }
}
