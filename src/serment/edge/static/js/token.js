// The proof that a request comes from this page: send it as the header X-Serment-Csrf or the field csrf.
export function csrfToken() {
  return document.body.dataset.csrf ?? "";
}
