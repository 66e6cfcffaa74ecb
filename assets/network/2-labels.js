/* Names of genes, always of a size that can be read: those that fit, the weightier first; more while zooming in. Names
   reach the canvas as text only. */

const SIZES = { tf: 13, target: 11.5 };
const CELL = 64;

/** Rectangles that are taken, found by the squares of a grid that they touch. */
class Taken {
  constructor() {
    this.cells = new Map();
  }

  *keys([left, top, right, bottom]) {
    for (let x = Math.floor(left / CELL); x <= Math.floor(right / CELL); x += 1) {
      for (let y = Math.floor(top / CELL); y <= Math.floor(bottom / CELL); y += 1) yield `${x},${y}`;
    }
  }

  free(box, owner) {
    for (const key of this.keys(box)) {
      for (const other of this.cells.get(key) ?? []) {
        const apart = other.box[2] <= box[0] || other.box[0] >= box[2] || other.box[3] <= box[1] || other.box[1] >= box[3];
        if (!apart && other.owner !== owner) return false;
      }
    }
    return true;
  }

  take(box, owner) {
    for (const key of this.keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push({ box, owner });
    }
  }
}

/** Draw the names that fit on the canvas of a network that has just been drawn; remember where they stand. */
function drawLabels(state, context) {
  const { net, data, theme, lit } = state;
  const scale = net.getScale();
  const { clientWidth: width, clientHeight: height } = state.stage;
  const taken = new Taken();
  const nodes = [];
  for (const node of state.ranked) {
    const at = net.canvasToDOM(net.body.nodes[node.id]);
    if (at.x < -40 || at.y < -20 || at.x > width + 40 || at.y > height + 20) continue;
    const half = node.size * scale;
    const important = state.focus === node.id || state.chosen.has(node.id) || state.picked?.gene === node.id;
    nodes.push({ node, at, half, important });
    if (node.role === "tf" || important) taken.take([at.x - half, at.y - half, at.x + half, at.y + half], node.id);
  }
  nodes.sort((a, b) => b.important - a.important);
  const ratio = context.canvas.width / context.canvas.clientWidth;
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  state.labels = [];
  for (const { node, at, half, important } of nodes) {
    if (important && state.picked?.gene !== node.id) ring(context, at, half, state.focus === node.id ? theme.primary : theme.text);
    if (lit && !lit.nodes.has(node.id)) continue;
    const size = SIZES[node.role] ?? SIZES.target;
    context.font = `${node.role === "tf" ? 650 : 400} ${size}px ${theme.font}`;
    const wide = context.measureText(node.id).width / 2 + 2;
    const high = size / 2 + 1.5;
    const places = [
      [at.x, at.y + half + high + 1],
      [at.x, at.y - half - high - 1],
      [at.x + half + wide + 2, at.y],
      [at.x - half - wide - 2, at.y],
    ];
    const boxes = places.map(([x, y]) => [x - wide, y - high, x + wide, y + high]);
    let best = boxes.findIndex((box) => taken.free(box, node.id));
    if (best < 0 && important) best = 0;
    if (best < 0) continue;
    taken.take(boxes[best], node.id);
    state.labels.push({ gene: node.id, box: boxes[best] });
    const [x, y] = places[best];
    context.globalAlpha = node.faint ? 0.5 : 1;
    context.lineWidth = 3.5;
    context.strokeStyle = theme.paper;
    context.strokeText(node.id, x, y);
    context.fillStyle = theme.text;
    context.fillText(node.id, x, y);
    context.globalAlpha = 1;
  }
  context.restore();
  state.stage.setAttribute("data-labels", state.labels.length);
}

function ring(context, at, half, colour) {
  context.beginPath();
  context.arc(at.x, at.y, half * 1.3 + 4, 0, 2 * Math.PI);
  context.lineWidth = 2.5;
  context.strokeStyle = colour;
  context.stroke();
}

/** The gene whose mark or name stands at a point, or whose mark lies within reach of a finger. */
function geneAt(state, { x, y }, reach = 10) {
  let [found, nearest] = [undefined, Infinity];
  for (const node of state.ranked) {
    const at = state.net.canvasToDOM(state.net.body.nodes[node.id]);
    const apart = Math.hypot(at.x - x, at.y - y) - node.size * state.net.getScale();
    if (apart < reach && apart < nearest) [found, nearest] = [node.id, apart];
  }
  if (nearest <= 0) return found;
  const label = state.labels.find(({ box }) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
  return label ? label.gene : found;
}
