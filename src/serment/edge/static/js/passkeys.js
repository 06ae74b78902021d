// Passkeys: the button of a form asks the device, its answer fills the form, the form goes its own way.
import { csrfToken } from "./token.js";

const device = globalThis.SimpleWebAuthnBrowser;

const able = Boolean(device?.browserSupportsWebAuthn());

for (const explained of document.querySelectorAll("[data-passkey-only]")) explained.hidden = !able;

for (const place of document.querySelectorAll("[data-passkey]")) {
  place.hidden = !able;
  place.querySelector("button").addEventListener("click", () => ask(place));
}

async function ask(place) {
  const form = place.closest("form");
  const button = place.querySelector("button");
  const problem = place.querySelector("[data-passkey-problem]");
  const needed = [...form.querySelectorAll("input[autocomplete=new-password]")];
  if (!needed.every((field) => field.reportValidity())) return;
  problem.hidden = true;
  button.disabled = true;
  try {
    const { challenge, options } = await challengeFor(place, form);
    const use = place.dataset.passkey === "create" ? device.startRegistration : device.startAuthentication;
    const answer = await use({ optionsJSON: JSON.parse(options) });
    form.elements.challenge.value = challenge;
    form.elements.response.value = JSON.stringify(answer);
    form.submit();
  } catch {
    // The person said no, the device has no passkey of ours, or too many tries: one sentence for all.
    problem.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

async function challengeFor(place, form) {
  if (place.dataset.options) return { challenge: form.elements.challenge.value, options: place.dataset.options };
  const headers = { accept: "application/json", "x-serment-csrf": csrfToken() };
  const answer = await fetch(place.dataset.address, { method: "POST", headers });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
