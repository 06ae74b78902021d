// While the service is under attack, an unknown browser works a little before it may try (AUT-11). It does so in
// workers, while the person types; a form that leaves early waits for them, then goes by itself.
const MOST_WORKERS = 4;

for (const place of document.querySelectorAll("[data-work]")) work(place);

// A page that comes back from the browser's memory would bring work that was handed in already.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

async function work(place) {
  const form = place.closest("form");
  const field = place.querySelector("input");
  const state = { settled: false, leaving: false };
  form.addEventListener("submit", (event) => {
    if (state.settled) return;
    event.preventDefault();
    state.leaving = true;
    form.setAttribute("aria-busy", "true");
    say(place, "leaving");
  });
  say(place, "working");
  const challenge = JSON.parse(place.dataset.work);
  try {
    const solution = await solve(challenge, place.dataset.worker);
    field.value = btoa(JSON.stringify({ challenge, solution }));
    say(place, "done");
  } catch {
    // Without workers, or out of time: the form may leave, and the answer says what else to do.
    say(place, "failed");
  }
  state.settled = true;
  form.removeAttribute("aria-busy");
  if (state.leaving && field.value) form.requestSubmit();
}

// Each worker tries every n-th counter from one of its own; the first that fits ends the others.
async function solve(challenge, address) {
  const count = Math.min(navigator.hardwareConcurrency || 2, MOST_WORKERS);
  const workers = Array.from({ length: count }, () => new Worker(address));
  try {
    return await Promise.any(workers.map((worker, first) => answerOf(worker, {
      type: "work", challenge, counterMode: "uint32", counterStart: first, counterStep: count,
    })));
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

function answerOf(worker, task) {
  return new Promise((resolve, reject) => {
    worker.addEventListener("error", reject);
    worker.addEventListener("message", ({ data }) => (data?.derivedKey ? resolve(data) : reject(data)));
    worker.postMessage(task);
  });
}

function say(place, which) {
  place.querySelector("[data-work-said]").textContent = place.dataset[which];
  place.dataset.state = which;
}
