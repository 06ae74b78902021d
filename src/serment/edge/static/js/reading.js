// Reading beside the list: on a wide screen a document opens next to the timeline; everywhere its pages follow one
// another as one scrolls. Without this script each link opens the document's own page, which shows its first page.
const wide = matchMedia("(min-width: 64.01rem)");
const reading = document.querySelector("[data-reading]");
const detail = document.querySelector("[data-detail]");

followSheets(document);
if (reading && detail) readBeside();
narrowList();

function readBeside() {
  const own = location.href;
  reading.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-read]");
    if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link, true);
  });
  detail.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close-detail]")) return;
    event.preventDefault();
    history.pushState({}, "", own);
    close();
  });
  addEventListener("popstate", () => {
    const link = [...reading.querySelectorAll("a[data-read]")].find((one) => one.href === location.href);
    if (link && wide.matches) open(link, false);
    else if (location.href === own) close();
    else location.reload();
  });
}

async function open(link, remember) {
  const answer = await fetch(link.href, { headers: { accept: "text/html" } }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const article = page?.querySelector("[data-document]");
  if (!article) {
    location.href = link.href;
    return;
  }
  for (const other of reading.querySelectorAll("a[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  const title = article.querySelector("h1");
  const heading = document.createElement("h2");
  heading.id = title.id;
  heading.append(...title.childNodes);
  title.replaceWith(heading);
  const back = page.querySelector(".trail-back");
  const bar = document.createElement("div");
  bar.className = "detail-close";
  if (back) {
    back.setAttribute("data-close-detail", "");
    bar.append(back);
  }
  detail.replaceChildren(bar, article);
  detail.hidden = false;
  detail.scrollTop = 0;
  reading.classList.add("has-detail");
  link.scrollIntoView({ block: "nearest" });
  if (remember) history.pushState({}, "", link.href);
  document.title = page.title;
  detail.setAttribute("aria-label", heading.textContent);
  detail.setAttribute("role", "region");
  detail.focus({ preventScroll: true });
  followSheets(detail);
}

function close() {
  detail.replaceChildren();
  detail.hidden = true;
  reading.classList.remove("has-detail");
  const current = reading.querySelector("a[aria-current]");
  current?.removeAttribute("aria-current");
  current?.focus();
}

// The next page is asked for when the last one comes into sight.
function followSheets(root) {
  for (const sheets of root.querySelectorAll("[data-sheets]")) {
    const first = sheets.querySelector("img");
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting || !entry.target.complete) continue;
        watch.unobserve(entry.target);
        follow(sheets, entry.target, watch);
      }
    }, { rootMargin: "200px" });
    whenLoaded(first, () => watch.observe(first));
  }
}

function follow(sheets, before, watch) {
  const number = sheets.querySelectorAll("img").length;
  if (number >= Number(sheets.dataset.pages)) return;
  const sheet = new Image();
  sheet.className = "sheet";
  sheet.alt = before.alt.replace(/\d+$/, String(number + 1));
  sheet.addEventListener("load", () => {
    sheets.append(sheet);
    watch.observe(sheet);
  });
  sheet.src = `${sheets.dataset.sheets}${number}${sheets.dataset.version}`;
}

function whenLoaded(image, act) {
  if (image.complete && image.naturalWidth) act();
  else image.addEventListener("load", act, { once: true });
}

// Words typed here never leave the page.
function narrowList() {
  const box = document.querySelector("[data-narrow]");
  if (!box) return;
  box.hidden = false;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = [...document.querySelectorAll("[data-row]")].map((row) => [row, plain(row.textContent)]);
  const none = document.querySelector("[data-narrow-none]");
  box.querySelector("input").addEventListener("input", (event) => {
    const wanted = plain(event.target.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !wanted.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    for (const month of document.querySelectorAll("[data-month]")) {
      month.hidden = !month.querySelector("[data-row]:not([hidden])");
    }
    if (none) none.hidden = shown > 0;
  });
}
