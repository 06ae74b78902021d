// A zone with data-drop hands the files dropped on it to its own field, as if they had been chosen there.
// It then tells the page with the event "serment:files", whose detail is the list of files.
export function prepareDropZones() {
  for (const zone of document.querySelectorAll("[data-drop]")) prepare(zone);
}

function prepare(zone) {
  const field = zone.querySelector("input[type=file]");
  const mark = (over) => zone.classList.toggle("is-over", over);

  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  zone.addEventListener("dragleave", () => mark(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (!field.multiple && event.dataTransfer.files.length > 1) return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  field.addEventListener("change", () => {
    zone.dispatchEvent(new CustomEvent("serment:files", { bubbles: true, detail: [...field.files] }));
  });
}
