// Buttons, slider, table and mouse.

function start() {
  const get = id => document.getElementById(id);
  const data = JSON.parse(get('data').textContent);
  let viewer;
  try {
    viewer = new Viewer(data);
  } catch (error) {
    get('message').textContent = error.message;
    get('message').hidden = false;
    fillTable(data, 0, () => {});
    return null;
  }
  const mark = joint => {
    viewer.marked = joint;
    document.querySelectorAll('#errors tbody tr').forEach((row, i) => row.classList.toggle('marked', i === joint));
    viewer.draw();
  };

  const check = (parent, id, label, name, color, shown = true) => {
    const box = document.createElement('input');
    Object.assign(box, {type: 'checkbox', id, checked: shown});
    box.addEventListener('change', () => viewer.setHidden(name, !box.checked));
    const text = document.createElement('label'), swatch = document.createElement('span');
    if (color) {
      swatch.className = 'swatch';
      swatch.style.background = `rgb(${color.map(x => Math.round(255 * x))})`;
    }
    text.append(box, swatch, label);
    get(parent).append(text);
    if (!shown) viewer.hidden.add(name);
  };
  for (const layer of data.layers) check('layers', `layer-${layer.id}`, layer.label, layer.id, layer.color, layer.shown);
  check('layers', 'show-joints', 'Joints', 'joints');
  check('layers', 'show-images', 'Images', 'images');
  // a time step lacks a camera that lost its image
  const cameras = [...new Set(data.steps.flatMap(step => step.cameras.map(camera => camera.id)))];
  for (const id of cameras) check('cameras', `camera-${id}`, id, `camera ${id}`);

  get('viewpoint').append(
    new Option('close to the hand'), new Option('beside all cameras'),
    ...cameras.map(id => new Option(`through camera ${id}`)));
  get('viewpoint').addEventListener('change', event => {
    const index = event.target.selectedIndex;
    if (index > 1) viewer.lookThrough(cameras[index - 2]);
    else if (index) viewer.lookAtAll();
    else viewer.lookAtHand();
    viewer.draw();
  });

  const show = step => {
    get('slider').value = step;
    get('step-name').textContent = data.steps[step].name;
    fillTable(data, step, mark);
    viewer.setStep(step);
  };
  get('slider').max = data.steps.length - 1;
  get('slider').addEventListener('input', () => show(Number(get('slider').value)));
  let timer = null;
  get('play').addEventListener('click', () => {
    if (timer) timer = clearInterval(timer);
    else timer = setInterval(() => show((viewer.step + 1) % data.steps.length), data.milliseconds);
    get('play').textContent = timer ? 'Stop' : 'Play';
  });
  get('time').hidden = data.steps.length < 2;
  listenToMouse(viewer, data, mark);
  window.addEventListener('resize', () => viewer.draw());
  get('explanation').textContent = data.explanation;
  show(0);
  return viewer;
}

function fillTable(data, index, mark) {
  const step = data.steps[index], table = document.getElementById('errors');
  const head = ['joint', 'mean', ...step.cameras.map(camera => camera.id)];
  const truth = step.truthErrors;
  if (truth) head.push('mm');
  const cell = (tag, text) => Object.assign(document.createElement(tag), {textContent: text});
  const headRow = document.createElement('tr');
  headRow.append(...head.map(text => cell('th', text)));
  table.tHead.replaceChildren(headRow);
  table.tBodies[0].replaceChildren(...data.jointNames.map((name, joint) => {
    const row = document.createElement('tr');
    const errors = step.cameras.map(camera => camera.errors[joint]);
    row.append(cell('th', name), cell('td', format(mean(errors))));
    for (const error of errors) {
      const td = cell('td', format(error));
      td.style.background = error === null ? '' : `rgba(220, 60, 20, ${Math.min(error / data.errorScale, 1) * 0.7})`;
      row.append(td);
    }
    if (truth) row.append(cell('td', format(truth[joint])));
    row.addEventListener('mouseenter', () => mark(joint));
    row.addEventListener('mouseleave', () => mark(null));
    return row;
  }));
}

const format = value => value === null ? '–' : value.toFixed(1);

function mean(values) {
  const known = values.filter(value => value !== null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
}

function listenToMouse(viewer, data, mark) {
  const canvas = viewer.renderer.canvas, tooltip = document.getElementById('tooltip');
  canvas.addEventListener('pointerdown', event => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener('pointermove', event => {
    if (event.buttons) {
      const act = event.shiftKey || event.buttons === 2 ? 'move' : 'turn';
      viewer[act](event.movementX, event.movementY);
      return;
    }
    const joint = viewer.jointAt(event.offsetX, event.offsetY);
    tooltip.hidden = joint === null;
    if (joint !== viewer.marked) mark(joint);
    if (joint === null) return;
    const step = data.steps[viewer.step];
    const lines = step.cameras.map(camera => `camera ${camera.id}: ${format(camera.errors[joint])} px`);
    tooltip.textContent = [data.jointNames[joint], ...lines].join('\n');
    tooltip.style.left = `${event.offsetX + 14}px`;
    tooltip.style.top = `${event.offsetY + 8}px`;
  });
  canvas.addEventListener('pointerleave', () => { tooltip.hidden = true; mark(null); });
  canvas.addEventListener('contextmenu', event => event.preventDefault());
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    viewer.approach(Math.exp(0.001 * event.deltaY));
  }, {passive: false});
}

const viewer = start();
