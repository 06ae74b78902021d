// What hands do on the stage. One finger, or the mouse, does what the tool says; two fingers zoom and move;
// the right button windows and the middle one moves, whatever the tool.
const WHEEL_STEP = 60;
const BUTTONS = { 1: "move", 2: "window" };
const KEYS = {
  ArrowUp: "previous", ArrowLeft: "previous", ArrowDown: "next", ArrowRight: "next", Home: "first", End: "last",
  "+": "larger", "=": "larger", "-": "smaller", i: "invert", r: "reset", " ": "play",
};

export function listenToHands(canvas, viewer) {
  let turned = 0;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey) return viewer.stage.rescale(event.deltaY < 0 ? 1.1 : 1 / 1.1);
    turned += event.deltaMode === 0 ? event.deltaY : event.deltaY * WHEEL_STEP;
    const steps = Math.trunc(turned / WHEEL_STEP);
    turned -= steps * WHEEL_STEP;
    if (steps) viewer.goBy(steps);
  }, { passive: false });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  followPointers(canvas, viewer);
}

export function listenToKeys(viewer) {
  document.addEventListener("keydown", (event) => {
    const element = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    if (["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName)) return;
    if (event.key === " " && element.closest("button, a, summary")) return;
    if (!viewer.root.contains(element) && element !== document.body && element.tagName !== "MAIN") return;
    event.preventDefault();
    viewer.act(KEYS[event.key]);
  });
}

function followPointers(canvas, viewer) {
  const down = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.clientX, y: event.clientY, tool: BUTTONS[event.button] });
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const far = spread(down);
    down.set(event.pointerId, { ...before, x: event.clientX, y: event.clientY });
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
    if (down.size === 1) return viewer.drag(before.tool ?? viewer.tool, dx, dy);
    if (far) viewer.stage.rescale(spread(down) / far);
    viewer.stage.move(dx / down.size, dy / down.size);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => down.delete(event.pointerId));
}

function spread(down) {
  const [one, other] = [...down.values()];
  return other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
}
