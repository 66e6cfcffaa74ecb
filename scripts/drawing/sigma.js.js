/* sigma.js: WebGL, with its own names of nodes. */

const candidate = {
  graph(data) {
    const graph = new graphology.MultiDirectedGraph();
    for (const node of data.nodes) {
      const shown = { x: node.x, y: -node.y, size: node.size / 3, label: node.id, color: node.role === "tf" ? "#0f766e" : "#8a949c" };
      graph.addNode(node.id, shown);
    }
    for (const edge of data.edges) {
      graph.addEdge(edge.from, edge.to, { size: edge.width, color: edge.sign > 0 ? "#0072b2" : "#d55e00", type: "arrow" });
    }
    return graph;
  },
  open(data) {
    this.sigma = new Sigma(this.graph(data), document.getElementById("stage"), { labelSize: 12 });
  },
  redraw(data) {
    this.sigma.setGraph(this.graph(data));
    this.sigma.refresh();
  },
  pick(gene) {
    const graph = this.sigma.getGraph();
    const near = new Set([gene, ...graph.neighbors(gene)]);
    this.sigma.setSetting("nodeReducer", (node, shown) => (near.has(node) ? shown : { ...shown, color: "#eeeeee", label: "" }));
    this.sigma.setSetting("edgeReducer", (edge, shown) => (graph.hasExtremity(edge, gene) ? shown : { ...shown, color: "#f4f4f4" }));
    this.sigma.refresh();
  },
  zoom(factor) {
    const camera = this.sigma.getCamera();
    camera.setState({ ratio: camera.getState().ratio / factor });
  },
  picture() {
    const whole = document.createElement("canvas");
    const layers = [...document.querySelectorAll("#stage canvas")];
    [whole.width, whole.height] = [layers[0].width, layers[0].height];
    this.sigma.render();
    for (const layer of layers) whole.getContext("2d").drawImage(layer, 0, 0);
    return whole.toDataURL("image/png");
  },
};
