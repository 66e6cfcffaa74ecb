/* What is done by hand: keys, boxes drawn around genes, genes dragged to another place. */

const STEP = 60;

/** Keys: arrows move, + and - zoom, 0 shows all, Tab goes through the genes, Enter picks, Escape goes back. */
function onKey(state, event) {
  if (!state.net || event.altKey || event.metaKey || (event.ctrlKey && event.key !== "Enter")) return;
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key in steps) {
    const { x, y } = state.net.getViewPosition();
    const [right, down] = steps[event.key].map((step) => (step * STEP) / state.net.getScale());
    state.net.moveTo({ position: { x: x + right, y: y + down } });
    keepView(state);
  } else if (event.key === "+" || event.key === "=") zoom(state, 1.3);
  else if (event.key === "-") zoom(state, 1 / 1.3);
  else if (event.key === "0") fit(state);
  else if (event.key === "Tab") {
    const next = walk(state, event.shiftKey ? -1 : 1);
    if (next === undefined) return; // past the last gene the focus goes on to what follows
    focusOn(state, next);
  } else if (event.key === "Enter" && state.focus !== undefined) {
    if (event.ctrlKey) toggle(state, state.focus);
    else pick(state, { gene: state.focus });
  } else if (event.key === "Escape") {
    if (state.picked || state.chosen.size) pick(state, null);
    else if (state.focus !== undefined) {
      state.left = true;
      state.focus = undefined;
      state.net.redraw();
    } else return;
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The gene after the one in focus, in the order of weight; none at the end, or once Escape has been pressed. */
function walk(state, step) {
  if (state.left) return undefined;
  const genes = state.ranked.map((node) => node.id);
  const place = genes.indexOf(state.focus);
  return genes[place < 0 ? (step > 0 ? 0 : -1) : place + step];
}

function focusOn(state, gene) {
  state.focus = gene;
  const node = state.ranked.find((one) => one.id === gene);
  state.told.textContent = node?.title ?? "";
  const at = state.net.canvasToDOM(state.net.body.nodes[gene]);
  const margin = 40;
  const { clientWidth: width, clientHeight: height } = state.stage;
  const inside = at.x > margin && at.y > margin && at.x < width - margin && at.y < height - margin;
  if (inside) state.net.redraw();
  else state.net.moveTo({ position: state.net.getPosition(gene), animation: { duration: 200 } });
}

/** Add a gene to the chosen ones, or take it out. */
function toggle(state, gene) {
  if (!state.chosen.delete(gene)) state.chosen.add(gene);
  choose(state);
}

function choose(state) {
  state.picked = null;
  dress(state);
  clearTimeout(state.choosing);
  if (state.data.chooses) state.choosing = setTimeout(() => state.tell("chosen", [...state.chosen].sort()), 350);
}

/** A box drawn with the mouse or a finger: Shift held, or the button for several genes pressed. */
function boxes(state) {
  const box = state.root.querySelector(".box");
  const button = state.root.querySelector(".several");
  let from = null;
  const point = (event) => {
    const frame = state.stage.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  const span = (event) => {
    const to = point(event);
    return [0, 1].map((axis) => [Math.min(from[axis], to[axis]), Math.max(from[axis], to[axis])]);
  };
  button.onclick = () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", on);
    state.stage.classList.toggle("boxing", on);
    state.told.textContent = on ? "Drag a box around genes; Ctrl and a click adds one or takes it out." : "";
  };
  const begin = (event) => {
    if (!state.net || !(event.shiftKey || button.getAttribute("aria-pressed") === "true") || event.button) return;
    event.stopPropagation();
    event.preventDefault();
    from = point(event);
    state.stage.setPointerCapture(event.pointerId);
  };
  const move = (event) => {
    if (!from) return;
    event.stopPropagation();
    const [[left, right], [top, bottom]] = span(event);
    Object.assign(box.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    box.hidden = false;
  };
  const end = (event) => {
    if (!from) return;
    event.stopPropagation();
    const [[left, right], [top, bottom]] = span(event);
    from = null;
    box.hidden = true;
    const before = state.chosen.size;
    for (const node of state.ranked) {
      const at = state.net.canvasToDOM(state.net.body.nodes[node.id]);
      if (at.x >= left && at.x <= right && at.y >= top && at.y <= bottom) state.chosen.add(node.id);
    }
    if (state.chosen.size > before) choose(state);
  };
  for (const [name, act] of [["pointerdown", begin], ["pointermove", move], ["pointerup", end]]) {
    state.stage.addEventListener(name, act, { capture: true });
  }
}

/** Tell Python, once the hand rests, where genes were dragged to and which part is in view. */
function keepView(state) {
  state.touched = true;
  if (!state.data.keeps) return;
  clearTimeout(state.keeping);
  state.keeping = setTimeout(() => {
    if (!state.net) return;
    const [x, y, scale] = viewOf(state);
    const view = state.picked ? null : [Math.round(x), Math.round(y), Math.round(scale * 1000) / 1000];
    state.tell("kept", { view, moved: state.moved });
  }, 700);
}
