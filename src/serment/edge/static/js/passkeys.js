// Passkeys: the button of a form asks the device, its answer fills the form, the form goes its own way.
// Where the browser can, the passkeys of the device are also offered in the field that expects them.
import { csrfToken } from "./token.js";

const FRESH_MS = 4 * 60 * 1000; // the service forgets a challenge after five minutes
const device = globalThis.SimpleWebAuthnBrowser;
const able = Boolean(device?.browserSupportsWebAuthn());
const held = new Map();
let asking = false;

for (const explained of document.querySelectorAll("[data-passkey-only]")) explained.hidden = !able;

for (const place of document.querySelectorAll("[data-passkey]")) {
  place.hidden = !able;
  place.querySelector("button").addEventListener("click", () => ask(place));
  if (able && place.matches(".leads")) offerInField(place);
}

async function ask(place) {
  const form = place.closest("form");
  const button = place.querySelector("button");
  const problem = place.querySelector("[data-passkey-problem]");
  const needed = [...form.querySelectorAll("input[autocomplete=new-password], [data-before-passkey]")];
  if (!needed.every((field) => field.reportValidity())) return;
  problem.hidden = true;
  button.disabled = asking = true;
  try {
    const { challenge, options } = await challengeFor(place, form);
    const use = place.dataset.passkey === "create" ? device.startRegistration : device.startAuthentication;
    send(place, challenge, await use({ optionsJSON: JSON.parse(options) }));
  } catch {
    // The person said no, the device has no passkey of ours, or too many tries: one sentence for all.
    problem.hidden = false;
    button.disabled = asking = false;
    button.focus();
    if (place.matches(".leads")) offer(place);
  }
}

async function offerInField(place) {
  if (!(await device.browserSupportsWebAuthnAutofill())) return;
  const field = document.querySelector("input[autocomplete$=webauthn]");
  field?.addEventListener("focus", () => { if (!fresh(place)) offer(place); });
  offer(place);
}

async function offer(place) {
  try {
    const { challenge, options } = await challengeFor(place, place.closest("form"));
    // Asking now would take back what the button has asked meanwhile.
    if (asking) return;
    send(place, challenge, await device.startAuthentication({
      optionsJSON: JSON.parse(options), useBrowserAutofill: true,
    }));
  } catch {
    // Nobody asked for anything: the button and the password are still there.
  }
}

function send(place, challenge, answer) {
  const form = place.closest("form");
  held.delete(place);
  form.elements.challenge.value = challenge;
  form.elements.response.value = JSON.stringify(answer);
  form.submit();
}

function fresh(place) {
  return Date.now() - (held.get(place)?.at ?? 0) < FRESH_MS;
}

// Looking at the page, pressing the button and trying again take one challenge, as long as it is fresh.
function challengeFor(place, form) {
  if (place.dataset.options) return { challenge: form.elements.challenge.value, options: place.dataset.options };
  if (fresh(place)) return held.get(place).given;
  const given = askChallenge(place);
  held.set(place, { at: Date.now(), given });
  given.catch(() => held.delete(place));
  return given;
}

async function askChallenge(place) {
  const headers = { accept: "application/json", "x-serment-csrf": csrfToken() };
  const answer = await fetch(place.dataset.address, { method: "POST", headers });
  const given = await answer.json();
  if (!answer.ok) throw new Error(String(answer.status));
  return given;
}
