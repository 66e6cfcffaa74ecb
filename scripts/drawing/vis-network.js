/* As the page draws: the component's own script. */

const candidate = {
  show(data) {
    this.data = data;
    show({ data, parentElement: document.getElementById("root"), setTriggerValue() {} });
  },
  net: () => document.querySelector(".stage").network,
  async drawn(version) {
    while (document.querySelector(".stage").getAttribute("data-drawn") !== version) await new Promise(requestAnimationFrame);
  },
  async open(data) {
    this.show(data);
    await this.drawn(data.version);
  },
  async redraw(data) {
    this.show(data);
    await this.drawn(data.version);
  },
  pick(gene) {
    this.show({ ...this.data, picked: { gene } });
  },
  zoom(factor) {
    this.net().moveTo({ scale: this.net().getScale() * factor });
  },
  picture: () => document.querySelector(".stage canvas").toDataURL("image/png"),
};
