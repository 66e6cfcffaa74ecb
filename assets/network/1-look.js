/* How genes and edges look: their colours, and what is faded while something is looked at. */

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

/** What is lit: everything, or the picked gene (edge) with its surroundings, or the chosen genes. */
function surroundings(data, picked, chosen) {
  if (!picked && !chosen.size) return null;
  const edges = new Set();
  const genes = picked ? (picked.gene === undefined ? [picked.source, picked.target] : [picked.gene]) : [...chosen];
  const nodes = new Set(genes);
  const around = picked?.gene !== undefined;
  for (const edge of data.edges) {
    const touches = around
      ? edge.from === picked.gene || edge.to === picked.gene
      : picked
        ? edge.from === picked.source && edge.to === picked.target
        : chosen.has(edge.from) && chosen.has(edge.to);
    if (touches) {
      edges.add(edge.id);
      if (around) nodes.add(edge.from).add(edge.to);
    }
  }
  return { nodes, edges };
}

/** A gene as vis-network takes it; its name is drawn by `drawLabels`, so that it has no label here. */
function dressNode(node, theme, lit) {
  const on = !lit || lit.nodes.has(node.id);
  const fill = node.colour ?? (node.role === "tf" ? theme.primary : theme.dot);
  return {
    id: node.id,
    shape: node.shape,
    title: node.title,
    role: node.role,
    weight: node.weight,
    faint: Boolean(node.faint),
    opacity: on ? (node.faint ? 0.35 : 1) : 0.12,
    size: node.size,
    borderWidth: 1,
    borderWidthSelected: 4,
    shapeProperties: { borderRadius: 3 },
    color: {
      background: fill,
      border: fill,
      highlight: { background: fill, border: theme.text },
      hover: { background: fill, border: theme.text },
    },
  };
}

function dressEdge(edge, theme, lit) {
  const on = !lit || lit.edges.has(edge.id);
  const colour = edge.colour ?? (edge.sign > 0 ? theme.activation : edge.sign < 0 ? theme.repression : theme.unsigned);
  return {
    ...edge,
    color: { color: colour, highlight: colour, hover: colour, inherit: false, opacity: on ? (edge.faint ? 0.5 : 0.85) : 0.07 },
    smooth: edge.both ? { enabled: true, type: "curvedCW", roundness: 0.15 } : false,
    arrows: { to: { ...edge.arrows.to, scaleFactor: edge.arrows.to.type === "circle" ? 0.35 : 0.6 } },
    hoverWidth: 1,
    selectionWidth: 2.5,
  };
}

/** The legend: what is the same in every drawing, and the entries that its colours bring. */
function drawLegend(root, data) {
  const legend = root.querySelector(".legend");
  legend.classList.toggle("coloured", data.nodes.some((node) => node.colour));
  legend.classList.toggle("undirected", !data.legend.directed);
  for (const entry of legend.querySelectorAll("[data-sign]")) {
    const word = data.legend.signs[entry.dataset.sign];
    entry.hidden = word === undefined || data.legend.own_lines === true;
    entry.querySelector(".word").textContent = word ?? "";
  }
  legend.querySelector(".tf").closest("span").querySelector(".word").textContent = data.legend.tf ?? "TF";
  const thicker = legend.querySelector(".thicker");
  thicker.textContent = `thicker: ${data.legend.thicker}`;
  thicker.parentElement.hidden = !data.legend.thicker; // edges without scores are all alike
  const painted = legend.querySelector(".painted");
  painted.replaceChildren(
    ...(data.legend.entries ?? []).map(([mark, colour, words]) => {
      const entry = document.createElement("span");
      const swatch = document.createElement("span");
      swatch.className = `swatch ${mark}`;
      if (mark === "dashed") swatch.style.borderColor = colour;
      else swatch.style.background = mark === "scale" ? `linear-gradient(90deg, ${colour})` : colour;
      entry.append(swatch, document.createTextNode(words));
      return entry;
    }),
  );
}
