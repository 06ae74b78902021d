// Sentences after an act. They stay until closed: nobody misses one by looking away.
export function tendToasts() {
  const place = document.querySelector("[data-toasts]");
  if (!place) return;
  for (const button of place.querySelectorAll("button")) button.hidden = false;
  place.addEventListener("click", (event) => {
    event.target.closest("button")?.closest(".toast").remove();
  });
}

export function toast(sentence) {
  const copy = document.getElementById("toast-template").content.cloneNode(true);
  copy.querySelector("p").textContent = sentence;
  document.querySelector("[data-toasts]").append(copy);
}
