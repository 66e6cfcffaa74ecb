/* Draws a network with vis-network and tells Python what was clicked. Positions come from the server; nothing is
   fetched. */

const instances = new WeakMap();
const OPTIONS = {
  physics: false,
  layout: { improvedLayout: false },
  interaction: { hover: true, tooltipDelay: 120, selectConnectedEdges: false, multiselect: false, zoomSpeed: 0.6 },
};
const NARROW = 640;
const MOST_STRETCHED = 3;
const STRETCHES = 1100; // windows up to this width
const THINNEST = 1; // pixels of the screen, however far the view is
const SHRINKS_TO = 0.7; // further away lines get no thinner, so that the thicker ones still stand out

/** The library is mounted once per page by a component of its own; wait for it. */
async function library() {
  for (let tries = 0; tries < 3000; tries += 1) {
    if (globalThis.vis?.Network) return globalThis.vis;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("The script that draws did not come. Load the page again; the tables of this page say the same.");
}

/** Height over width of the drawing, with room for the labels at its rim. */
function aspect(nodes) {
  const extent = (axis) => {
    const places = nodes.map((node) => node[axis]);
    return Math.max(...places) - Math.min(...places) + 100;
  };
  return nodes.length ? extent("y") / extent("x") : 1;
}

function draw(state, vis, data) {
  const first = !state.net;
  const other = state.version !== data.version;
  state.data = data;
  state.theme = readTheme(state.root, data);
  state.ranked = [...data.nodes].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
  const question = JSON.stringify([data.picked ?? null, data.asks]);
  const asked = state.question !== question;
  state.question = question;
  if (first || other || asked) state.picked = data.picked;
  const rechosen = state.choice !== data.choice;
  state.choice = data.choice;
  if (first || other || rechosen) state.chosen = new Set((data.chosen ?? []).filter((gene) => data.nodes.some((one) => one.id === gene)));
  if (first || other) lay(state, vis, data);
  dressIfOther(state);
  if (first || other) {
    state.stage.style.setProperty("--aspect", aspect(data.nodes));
    if (first && state.picked && window.innerWidth <= NARROW) state.root.scrollIntoView({ block: "start" });
    if (first && data.view && !state.picked) look(state, data.view);
    else if (state.picked) fitPicked(state, { animation: false });
    else if (first || !state.touched) fit(state, { animation: false, kept: false });
  } else if (asked && JSON.stringify(state.told_last) !== JSON.stringify(data.picked ?? null)) {
    if (state.picked) fitPicked(state);
    else goBack(state);
  }
  if (first || other || asked) state.told_last = state.picked ?? null;
}

/** How far a drawing is stretched downwards to use the height of a narrow screen. */
function stretch(state, data) {
  if (!data.fills || window.innerWidth > STRETCHES || !data.nodes.length) return 1;
  const room = (state.stage.clientHeight - 90) / Math.max(state.stage.clientWidth - 100, 1);
  return Math.min(Math.max(room / aspect(data.nodes), 1), MOST_STRETCHED);
}

/** Bring the genes and edges of a network into vis-network; genes that were dragged stay where they were put. */
function lay(state, vis, data) {
  state.stretch = stretch(state, data);
  state.moved = data.moved === undefined ? {} : { ...data.moved, ...(state.layout === data.layout ? state.moved : {}) };
  state.layout = data.layout;
  const lines = data.edges.map((edge) => dressEdge(edge, state.theme, null));
  const nodes = data.nodes.map((node) => {
    const [x, y] = state.moved[node.id] ?? [node.x, node.y];
    return { ...dressNode(node, state.theme, null), x, y: y * state.stretch };
  });
  state.nodes = new vis.DataSet(nodes);
  state.edges = new vis.DataSet(lines);
  state.widths = new Map(lines.map((line) => [line.id, line.width]));
  if (state.net) state.net.setData({ nodes: state.nodes, edges: state.edges });
  else {
    const options = { ...OPTIONS, interaction: { ...OPTIONS.interaction, hideEdgesOnDrag: lines.length > 600 } };
    state.net = new vis.Network(state.stage, { nodes: state.nodes, edges: state.edges }, options);
    state.stage.network = state.net;
    listen(state);
  }
  state.version = data.version;
  state.net.once("afterDrawing", () => state.stage.setAttribute("data-drawn", data.version));
}

/** Keep lines visible: a view from afar would draw them as hairlines. */
function thicken(state) {
  const scale = state.net.getScale();
  for (const [id, width] of state.widths) {
    const line = state.net.body.edges[id];
    if (line) line.options.width = Math.max(width * Math.max(1, SHRINKS_TO / scale), THINNEST / scale);
  }
}

function listen(state) {
  state.net.on("beforeDrawing", () => thicken(state));
  state.net.on("afterDrawing", (context) => drawLabels(state, context));
  state.net.on("click", (event) => {
    state.left = false;
    const gene = geneAt(state, event.pointer.DOM);
    const held = event.event?.srcEvent;
    if (gene !== undefined && (held?.ctrlKey || held?.metaKey)) return toggle(state, gene);
    if (gene !== undefined) return pick(state, { gene });
    const edge = state.data.edges.find((one) => one.id === event.edges[0] && !one.missed);
    return pick(state, edge ? { source: edge.from, target: edge.to } : null);
  });
  state.net.on("dragEnd", (event) => {
    for (const gene of event.nodes) {
      const { x, y } = state.net.getPosition(gene);
      state.moved[gene] = [Math.round(x), Math.round(y / state.stretch)];
    }
    select(state);
    keepView(state);
  });
  state.net.on("zoom", () => keepView(state));
  state.stage.addEventListener("pointermove", (event) => {
    if (event.buttons) return;
    const frame = state.stage.getBoundingClientRect();
    const over = geneAt(state, { x: event.clientX - frame.left, y: event.clientY - frame.top }, 2) !== undefined;
    state.stage.classList.toggle("over", over);
  });
}

/** Light up what is picked or chosen, at once; Python hears of it and shows the evidence. */
function pick(state, picked) {
  if (!state.picked && picked) state.before = viewOf(state);
  state.picked = picked;
  state.chosen.clear();
  state.told_last = picked;
  state.tell("picked", picked ?? {}); // first: Python looks for the evidence while this lights up
  if (picked && window.innerWidth <= NARROW) state.root.scrollIntoView({ block: "start" });
  state.told.textContent = picked?.gene ? (state.data.nodes.find((one) => one.id === picked.gene)?.title ?? "") : "";
  dress(state);
  if (picked) fitPicked(state);
  else goBack(state);
}

function goBack(state) {
  if (state.before) look(state, state.before, { duration: 300 });
  else fit(state, { kept: false });
  state.before = undefined;
}

/** Dress what is drawn, unless it looks so already: a click lights up at once, and Python then says the same again. */
function dressIfOther(state) {
  const looks = JSON.stringify([state.data.nodes, state.data.edges, state.theme, state.version]);
  if (looks !== state.looks || litAs(state) !== state.litAs) dress(state);
  state.looks = looks;
}

const litAs = (state) => JSON.stringify([state.picked ?? null, [...state.chosen].sort()]);

function dress(state) {
  state.litAs = litAs(state);
  state.lit = surroundings(state.data, state.picked, state.chosen);
  redress(state.nodes, state.data.nodes.map((node) => dressNode(node, state.theme, state.lit)), state.worn);
  redress(state.edges, state.data.edges.map((edge) => dressEdge(edge, state.theme, state.lit)), state.worn);
  select(state);
}

/** Hand on the looks that are others than before: most of what is not lit stays so. */
function redress(items, looks, worn) {
  const texts = new Map(looks.map((one) => [one, JSON.stringify(one)]));
  const other = looks.filter((one) => worn.get(items)?.get(one.id) !== texts.get(one));
  if (!worn.has(items)) worn.set(items, new Map());
  for (const one of other) worn.get(items).set(one.id, texts.get(one));
  if (other.length) items.update(other);
}

function select(state) {
  const picked = state.picked;
  const edge = picked && state.data.edges.find((one) => one.from === picked.source && one.to === picked.target);
  const known = picked?.gene !== undefined && state.data.nodes.some((one) => one.id === picked.gene);
  state.net.setSelection({ nodes: known ? [picked.gene] : [], edges: edge ? [edge.id] : [] }, { highlightEdges: false });
}

/** Middle and zoom of the part in view, as if nothing were stretched. */
function viewOf(state) {
  const { x, y } = state.net.getViewPosition();
  return [x, y / state.stretch, state.net.getScale()];
}

function look(state, [x, y, scale], animation = false) {
  state.net.moveTo({ position: { x, y: y * state.stretch }, scale, animation });
}

/** Height at the foot of the drawing that the legend covers, or on a narrow screen what is told of a picked gene. */
function covered(state) {
  const legend = state.root.querySelector(".legend");
  const narrow = window.innerWidth <= NARROW;
  if (narrow && state.picked) return Math.max(0, state.stage.clientHeight - window.innerHeight / 2 + 70);
  return narrow ? 0 : legend.offsetHeight;
}

/** Height at the head of a narrow drawing that the buttons cover; in a wide one they stand beside the genes. */
function headed(state) {
  const buttons = state.root.querySelector(".buttons");
  return state.stage.clientWidth < 3 * buttons.offsetWidth ? buttons.offsetHeight : 0;
}

/** Show genes, all or some, as large as they can be in the part of the drawing that nothing covers. */
function fit(state, { animation = { duration: 250 }, kept = true, nodes, most = 1.4 } = {}) {
  const genes = (nodes ?? state.ranked.map((node) => node.id)).map((gene) => state.net.body.nodes[gene]);
  if (!genes.length) return;
  const [left, right] = [Math.min(...genes.map((one) => one.x)), Math.max(...genes.map((one) => one.x))];
  const [top, bottom] = [Math.min(...genes.map((one) => one.y)), Math.max(...genes.map((one) => one.y))];
  const [head, foot] = [headed(state), covered(state)];
  const room = [state.stage.clientWidth - 100, state.stage.clientHeight - head - foot - 90];
  const scale = Math.min(room[0] / (right - left + 1), room[1] / (bottom - top + 1), most);
  const position = { x: (left + right) / 2, y: (top + bottom) / 2 + (foot - head) / (2 * Math.max(scale, 0.02)) };
  state.net.moveTo({ position, scale: Math.max(scale, 0.02), animation });
  if (kept) {
    clearTimeout(state.keeping);
    state.touched = false;
    if (state.data.keeps) state.tell("kept", { view: null, moved: state.moved });
  }
}

/** Zoom to what is picked and its neighbours. */
function fitPicked(state, { animation = { duration: 150, easingFunction: "easeInOutQuad" } } = {}) {
  const nodes = state.lit ? [...state.lit.nodes].filter((gene) => state.net.body.nodes[gene]) : undefined;
  if (nodes?.length) fit(state, { animation, kept: false, nodes, most: state.picked?.gene === undefined ? 0.9 : 1.5 });
}

function zoom(state, factor) {
  state.net.moveTo({ scale: state.net.getScale() * factor, animation: { duration: 150 } });
  keepView(state);
}

/** Full screen; where the browser has none (phones), the drawing covers the page. */
function fullScreen(root) {
  if (root.requestFullscreen) {
    if (root.getRootNode().fullscreenElement || document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen();
  } else root.classList.toggle("covers");
}

function setUp(parentElement) {
  const root = parentElement.querySelector(".grn-network");
  const state = { root, stage: root.querySelector(".stage"), told: root.querySelector(".told"), net: null, version: null };
  Object.assign(state, { chosen: new Set(), labels: [], moved: {}, picked: null, lit: null, worn: new WeakMap() });
  root.querySelector(".fit").onclick = () => fit(state);
  root.querySelector(".closer").onclick = () => zoom(state, 1.3);
  root.querySelector(".further").onclick = () => zoom(state, 1 / 1.3);
  root.querySelector(".whole").onclick = () => fullScreen(root);
  root.addEventListener("keydown", (event) => { if (event.target === state.stage) onKey(state, event); });
  state.stage.addEventListener("blur", () => { state.focus = undefined; state.left = false; });
  boxes(state);
  // The wheel scrolls the page; with Ctrl (or a pinch, which the browser reports so) it zooms the network.
  const whole = () => document.fullscreenElement || root.classList.contains("covers");
  state.stage.addEventListener("wheel", (event) => { if (!event.ctrlKey && !whole()) event.stopPropagation(); }, { capture: true });
  state.observer = new ResizeObserver(() => {
    if (!state.net) return;
    state.net.redraw();
    if (state.picked) fitPicked(state, { animation: false });
    else if (!state.touched) fit(state, { animation: false, kept: false });
  });
  state.observer.observe(state.stage);
  return state;
}

/** Resolves when the stage is on the screen, or soon will be: what is further down a page costs nothing before. */
function inSight(state) {
  state.sight ??= new Promise((resolve) => {
    state.watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) resolve(); },
      { rootMargin: "300px", scrollMargin: "300px" });
    state.watch.observe(state.stage);
  }).then(() => state.watch.disconnect());
  return state.sight;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  if (!instances.has(parentElement)) instances.set(parentElement, setUp(parentElement));
  const state = instances.get(parentElement);
  state.tell = setTriggerValue;
  state.root.classList.toggle("fills", Boolean(data.fills));
  state.stage.setAttribute("aria-label", data.description);
  for (const sign of ["activation", "repression", "unsigned"]) state.root.style.setProperty(`--${sign}`, data.colours[sign]);
  drawLegend(state.root, data);
  state.latest = data;
  Promise.all([library(), data.waits ? inSight(state) : null]).then(([vis]) => { if (state.latest === data) draw(state, vis, data); }).catch((error) => {
    state.told.textContent = error.message;
    throw error;
  });
  return () => {
    state.observer.disconnect();
    state.watch?.disconnect();
    clearTimeout(state.keeping);
    clearTimeout(state.choosing);
    state.net?.destroy();
    state.net = null;
    state.latest = null;
    instances.delete(parentElement);
  };
}
