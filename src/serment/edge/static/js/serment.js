// The small scripts of every page. Each only eases what a form or a link already does without it.
import { followPreferences } from "./preferences.js";
import { listenToKeys } from "./keys.js";
import { openDialogs } from "./dialogs.js";
import { tendToasts } from "./toast.js";
import { watchIdleness } from "./idle.js";
import { prepareDropZones } from "./drop.js";

followPreferences();
listenToKeys();
openDialogs();
tendToasts();
watchIdleness();
prepareDropZones();

// A form that came back with errors is read from its summary.
document.querySelector("[data-focus]")?.focus();

// One menu at a time, and none once one has looked away.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
