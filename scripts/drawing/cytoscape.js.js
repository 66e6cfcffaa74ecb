/* cytoscape.js: canvas, with its own names of nodes. */

const candidate = {
  elements(data) {
    const nodes = data.nodes.map((node) => ({
      data: { id: node.id, size: 2 * node.size, colour: node.role === "tf" ? "#0f766e" : "#8a949c" },
      position: { x: node.x, y: node.y },
    }));
    const edges = data.edges.map((edge) => ({
      data: { id: `e${edge.id}`, source: edge.from, target: edge.to, width: edge.width, colour: edge.sign > 0 ? "#0072b2" : "#d55e00" },
    }));
    return { nodes, edges };
  },
  style: [
    { selector: "node", style: { label: "data(id)", width: "data(size)", height: "data(size)", "background-color": "data(colour)", "font-size": 12 } },
    {
      selector: "edge",
      style: { width: "data(width)", "line-color": "data(colour)", "target-arrow-shape": "triangle", "target-arrow-color": "data(colour)", "curve-style": "straight" },
    },
    { selector: ".faded", style: { opacity: 0.1 } },
  ],
  open(data) {
    const container = document.getElementById("stage");
    this.net = cytoscape({ container, elements: this.elements(data), style: this.style, layout: { name: "preset" }, hideEdgesOnViewport: true });
    this.net.fit();
  },
  redraw(data) {
    this.net.json({ elements: this.elements(data) });
    this.net.layout({ name: "preset" }).run();
  },
  pick(gene) {
    const near = this.net.getElementById(gene).closedNeighborhood();
    this.net.batch(() => this.net.elements().not(near).addClass("faded"));
  },
  zoom(factor) {
    this.net.zoom(this.net.zoom() * factor);
  },
  picture() {
    return this.net.png({ full: false });
  },
};
