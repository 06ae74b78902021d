// Colours change at once, without leaving the page; the choice is kept by the same form.
import { csrfToken } from "./token.js";

export function followPreferences() {
  for (const form of document.querySelectorAll("form[data-preferences]")) {
    form.addEventListener("submit", (event) => {
      const chosen = event.submitter;
      if (chosen?.name !== "theme") return;
      event.preventDefault();
      show(form, chosen);
      keep(chosen.value);
    });
  }
}

function show(form, chosen) {
  document.documentElement.dataset.theme = chosen.value;
  for (const button of form.querySelectorAll("button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button === chosen));
  }
}

function keep(theme) {
  const body = new URLSearchParams({ theme, csrf: csrfToken(), back: "/" });
  fetch("/preferences", { method: "POST", body, redirect: "manual" }).catch(() => {});
}
