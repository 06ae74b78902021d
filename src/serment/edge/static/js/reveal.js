// Whoever asks for it sees the password they type; it is hidden again before it leaves.
for (const tick of document.querySelectorAll("[data-reveal]")) {
  const form = tick.closest("form");
  const box = tick.querySelector("input");
  const fields = [...form.querySelectorAll("input[type=password]")];
  const show = (type) => fields.forEach((field) => { field.type = type; });
  tick.hidden = false;
  box.addEventListener("change", () => show(box.checked ? "text" : "password"));
  form.addEventListener("submit", () => show("password"));
}
