/* What is measured of every library, which gives `open`, `redraw`, `pick`, `zoom` and `picture`. */

const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

async function timed(act) {
  const start = performance.now();
  await act();
  await frame();
  return (performance.now() - start) / 1000;
}

async function measure(turn) {
  const found = {};
  found.open = await timed(() => candidate.open(DATA[turn % 2]));
  found.redraw = await timed(() => candidate.redraw(DATA[(turn + 1) % 2]));
  found.pick = await timed(() => candidate.pick(DATA[(turn + 1) % 2].nodes[turn].id));
  const start = performance.now();
  let frames = 0;
  while (performance.now() - start < 1000) {
    candidate.zoom(frames % 40 < 20 ? 1.05 : 1 / 1.05);
    await new Promise(requestAnimationFrame);
    frames += 1;
  }
  found.frames = (1000 * frames) / (performance.now() - start);
  found.picture = await timed(() => candidate.picture());
  return found;
}
