/* Draws a network with vis-network and tells Python what was clicked. Positions come from the server; nothing is
   fetched; names of genes reach the canvas as text only. */

const instances = new WeakMap();

/** The library is mounted once per page by a component of its own; wait for it. */
async function library() {
  for (let tries = 0; tries < 600; tries += 1) {
    if (globalThis.vis?.Network) return globalThis.vis;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("vis-network was not loaded");
}

function readTheme(root, data) {
  const style = getComputedStyle(root);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--st-text-color", "#222222"),
    paper: read("--st-background-color", "#ffffff"),
    primary: read("--st-primary-color", "#0f766e"),
    dot: read("--st-gray-color", "#8a949c"),
    font: read("--st-font", "sans-serif"),
    activation: data.colours.activation,
    repression: data.colours.repression,
    unsigned: data.colours.unsigned,
  };
}

/** What is lit: everything, or the picked gene (edge) with its surroundings. */
function surroundings(data) {
  const picked = data.picked;
  if (!picked) return null;
  const edges = new Set();
  const nodes = new Set(picked.gene === undefined ? [picked.source, picked.target] : [picked.gene]);
  for (const edge of data.edges) {
    const touches =
      picked.gene === undefined
        ? edge.from === picked.source && edge.to === picked.target
        : edge.from === picked.gene || edge.to === picked.gene;
    if (touches) {
      edges.add(edge.id);
      nodes.add(edge.from).add(edge.to);
    }
  }
  return { nodes, edges };
}

function dressNode(node, theme, lit) {
  const on = !lit || lit.nodes.has(node.id);
  const tf = node.role === "tf";
  const fill = tf ? theme.primary : theme.dot;
  return {
    ...node,
    opacity: on ? (node.faint ? 0.35 : 1) : 0.15,
    size: 7,
    borderWidth: 1,
    borderWidthSelected: 4,
    margin: 4,
    chosen: { node: (values) => { values.borderColor = theme.text; } },
    color: {
      background: fill,
      border: fill,
      highlight: { background: fill, border: theme.text },
      hover: { background: fill, border: theme.text },
    },
    font: {
      face: theme.font,
      size: tf ? 21 : 15,
      color: tf ? "#ffffff" : theme.text,
      strokeWidth: tf ? 0 : 4,
      strokeColor: theme.paper,
      vadjust: tf ? 0 : -5,
      ...(on ? {} : { color: theme.text + "50", strokeWidth: 0 }),
    },
  };
}

function dressEdge(edge, theme, lit) {
  const on = !lit || lit.edges.has(edge.id);
  const colour = edge.colour ?? (edge.sign > 0 ? theme.activation : edge.sign < 0 ? theme.repression : theme.unsigned);
  return {
    ...edge,
    color: { color: colour, highlight: colour, hover: colour, inherit: false, opacity: on ? 0.85 : 0.1 },
    smooth: edge.both ? { enabled: true, type: "curvedCW", roundness: 0.15 } : false,
    arrows: { to: { ...edge.arrows.to, scaleFactor: edge.arrows.to.type === "circle" ? 0.35 : 0.6 } },
    hoverWidth: 1,
    selectionWidth: 2.5,
  };
}

const OPTIONS = {
  physics: false,
  layout: { improvedLayout: false },
  interaction: { hover: true, tooltipDelay: 120, dragNodes: false, selectConnectedEdges: false, multiselect: false },
};

function select(state, data) {
  const picked = data.picked;
  const edge = picked && data.edges.find((one) => one.from === picked.source && one.to === picked.target);
  const known = picked?.gene !== undefined && data.nodes.some((one) => one.id === picked.gene);
  state.net.setSelection({ nodes: known ? [picked.gene] : [], edges: edge ? [edge.id] : [] }, { highlightEdges: false });
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
  state.stage.style.setProperty("--aspect", aspect(data.nodes));
  const theme = readTheme(state.root, data);
  const lit = surroundings(data);
  const nodes = data.nodes.map((node) => dressNode(node, theme, lit));
  const edges = data.edges.map((edge) => dressEdge(edge, theme, lit));
  if (state.net && state.version === data.version) {
    state.nodes.update(nodes);
    state.edges.update(edges);
  } else {
    state.net?.destroy();
    state.nodes = new vis.DataSet(nodes);
    state.edges = new vis.DataSet(edges);
    state.net = new vis.Network(state.stage, { nodes: state.nodes, edges: state.edges }, OPTIONS);
    state.stage.network = state.net;
    state.version = data.version;
    state.net.on("click", (event) => {
      const edge = event.nodes.length ? undefined : data.edges.find((one) => one.id === event.edges[0]);
      if (event.nodes.length) state.tell("picked", { gene: event.nodes[0] });
      else state.tell("picked", edge ? { source: edge.from, target: edge.to } : {});
    });
    state.net.once("afterDrawing", () => state.stage.setAttribute("data-drawn", data.version));
    fit(state, { animation: false });
  }
  select(state, data);
}

function fit(state, { animation = { duration: 200 } } = {}) {
  state.net.fit({ animation, maxZoomLevel: 1.4 });
}

function zoom(state, factor) {
  state.net.moveTo({ scale: state.net.getScale() * factor, animation: { duration: 150 } });
}

function setUp(parentElement) {
  const root = parentElement.querySelector(".grn-network");
  const state = { root, stage: root.querySelector(".stage"), net: null, version: null };
  root.querySelector(".fit").onclick = () => fit(state);
  root.querySelector(".closer").onclick = () => zoom(state, 1.3);
  root.querySelector(".further").onclick = () => zoom(state, 1 / 1.3);
  // The wheel scrolls the page; with Ctrl (or a pinch, which the browser reports so) it zooms the network.
  state.stage.addEventListener("wheel", (event) => { if (!event.ctrlKey) event.stopPropagation(); }, { capture: true });
  state.observer = new ResizeObserver(() => { if (state.net) { state.net.redraw(); fit(state, { animation: false }); } });
  state.observer.observe(state.stage);
  return state;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  if (!instances.has(parentElement)) instances.set(parentElement, setUp(parentElement));
  const state = instances.get(parentElement);
  state.tell = setTriggerValue;
  state.stage.setAttribute("aria-label", data.description);
  state.root.style.setProperty("--activation", data.colours.activation);
  state.root.style.setProperty("--repression", data.colours.repression);
  state.root.style.setProperty("--unsigned", data.colours.unsigned);
  state.root.querySelector(".legend").classList.toggle("undirected", !data.legend.directed);
  for (const entry of state.root.querySelectorAll(".legend [data-sign]")) {
    const word = data.legend.signs[entry.dataset.sign];
    entry.hidden = word === undefined;
    entry.querySelector(".word").textContent = word ?? "";
  }
  const thicker = state.root.querySelector(".legend .thicker");
  thicker.textContent = `thicker: ${data.legend.thicker}`;
  thicker.parentElement.hidden = !data.legend.thicker; // edges without scores are all alike
  state.latest = data;
  library().then((vis) => { if (state.latest === data) draw(state, vis, data); });
  return () => {
    state.observer.disconnect();
    state.net?.destroy();
    state.latest = null;
    instances.delete(parentElement);
  };
}
