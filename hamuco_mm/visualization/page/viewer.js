// The page: what is shown, at which time step, from where.

const FIELD_OF_VIEW = 0.9;  // vertical, radians

class Viewer {
  constructor(data) {
    this.data = data;
    this.step = 0;
    this.marked = null;  // joint under the pointer
    this.through = null;  // id of the camera that is looked through
    this.hidden = new Set();  // of layers, 'joints', 'images', 'camera 3'
    this.renderer = new Renderer(document.getElementById('canvas'));
    this.faces = decode(data.faces, Uint16Array);
    this.steps = data.steps.map(() => null);  // on the card, once shown
    this.placeEye();
    // resolves when all pictures of all time steps can be drawn
    this.ready = Promise.all(data.steps.flatMap(step => step.cameras.map(camera => {
      if (!camera.image) return null;
      camera.picture = new Image();
      camera.picture.src = camera.image;
      return camera.picture.decode().catch(() => { camera.picture = null; });
    }))).then(() => { this.steps.fill(null); this.draw(); });
  }

  // Turn about the hand, which fills the page at first.
  placeEye() {
    const cameras = this.data.steps[0].cameras;
    let up = [0, 0, 0];
    for (const camera of cameras) up = add(up, [-camera.R[3], -camera.R[4], -camera.R[5]]);
    this.up = unit(length(up) > 1e-6 ? up : [0, -1, 0]);
    this.target = this.data.steps[0].center;
    const distances = cameras.map(camera => length(sub(cameraToWorld(camera, [0, 0, 0]), this.target)));
    this.frustumDepth = 0.5 * Math.min(...distances);
    this.lookAtHand();
  }

  // All pictures of the cameras in view, seen from beside the first one.
  lookAtAll() {
    const cameras = this.data.steps[this.step].cameras;
    this.lookFrom(cameras[0]);
    const outs = cameras.map(camera => sub(cameraToWorld(camera, [0, 0, this.frustumDepth]), this.target));
    this.distance = 1.2 * Math.max(...outs.map(out => {
      const along = dot(out, this.direction);
      return along + length(add(out, this.direction, -along)) / Math.tan(FIELD_OF_VIEW / 2);
    }));
  }

  // The hand in the middle, from above and beside the camera that sees it broadest,
  // whose picture would else hide it.
  lookAtHand() {
    this.lookFrom(this.broadestView());
    this.distance = 1.3 * this.handRadius() / Math.sin(FIELD_OF_VIEW / 2);
  }

  // The eye is between a camera and its picture, which would hide the hand.
  hidesHand(index) {
    if (this.through !== null) return false;
    const {cameras, center} = this.data.steps[this.step];
    const eye = add(this.target, this.direction, this.distance);
    return standsBetween(cameras[index], this.frustumDepth, eye, center);
  }

  // Of the hand around its centre, metres.
  handRadius() {
    return Math.max(...this.jointsFromCenter().map(length));
  }

  // The camera along whose line of sight the hand is flattest.
  broadestView() {
    const {cameras, center} = this.data.steps[this.step], joints = this.jointsFromCenter();
    const depth = camera => {
      const out = unit(sub(cameraToWorld(camera, [0, 0, 0]), center));
      return joints.reduce((sum, joint) => sum + dot(joint, out) ** 2, 0);
    };
    return cameras.reduce((best, camera) => depth(camera) < depth(best) ? camera : best);
  }

  jointsFromCenter() {
    const flat = this.uploaded(this.step).joints.positions, center = this.data.steps[this.step].center;
    return Array.from({length: flat.length / 3}, (_, i) => sub(flat.slice(3 * i, 3 * i + 3), center));
  }

  lookFrom(camera) {
    const eye = cameraToWorld(camera, [0, 0, 0]);
    this.through = null;
    this.target = this.data.steps[this.step].center;
    const out = unit(sub(eye, this.target));
    this.direction = unit(add(add(out, this.up, 0.35), unit(cross(this.up, out)), 0.35));
    this.distance = 1.2 * length(sub(eye, this.target));
  }

  // As the camera itself: its picture fills the page, with the hand over it.
  lookThrough(id) {
    const camera = this.cameraOf(id);
    this.lookFrom(camera);
    this.direction = unit(sub(cameraToWorld(camera, [0, 0, 0]), this.target));
    this.distance = length(sub(cameraToWorld(camera, [0, 0, 0]), this.target));
    this.through = id;
  }

  // At this time step or, where it lost its image, where it stands at another.
  cameraOf(id) {
    const isIt = camera => camera.id === id;
    return this.data.steps[this.step].cameras.find(isIt)
      ?? this.data.steps.flatMap(step => step.cameras).find(isIt);
  }

  setStep(step) {
    this.step = step;
    this.draw();
  }

  setHidden(name, hidden) {
    this.hidden[hidden ? 'add' : 'delete'](name);
    this.draw();
  }

  matrix() {
    const canvas = this.renderer.canvas;
    if (this.through !== null) {
      return cameraMatrix(
        this.cameraOf(this.through),
        canvas.clientWidth / Math.max(canvas.clientHeight, 1), 0.02 * this.distance, 20 * this.distance);
    }
    const eye = add(this.target, this.direction, this.distance);
    const view = lookAt(eye, this.target, this.up);
    const aspect = canvas.clientWidth / Math.max(canvas.clientHeight, 1);
    return multiply(perspective(FIELD_OF_VIEW, aspect, 0.02 * this.distance, 20 * this.distance), view);
  }

  draw() {
    const r = this.renderer, gl = r.gl, scene = this.uploaded(this.step);
    r.begin(this.matrix(), this.direction);
    for (const [index, camera] of scene.cameras.entries()) {
      // what stands in the way of the camera that is looked through is left out
      if (this.through === null ? this.hidden.has(`camera ${camera.id}`) : camera.id !== this.through) continue;
      if (camera.texture && !this.hidden.has('images') && !this.hidesHand(index)) {
        // its own picture is behind everything
        r.draw(camera.plane, gl.TRIANGLES, 3, [1, 1, 1, 1], {texture: camera.texture, depth: this.through === null});
      }
      r.draw(camera.frustum, gl.LINES, 0, [0.25, 0.3, 0.4, 1]);
    }
    for (const hand of scene.hands) {
      if (this.hidden.has(hand.layer) || this.hidden.has(`camera ${hand.camera}`)) continue;
      if (hand.mesh) r.draw(hand.mesh, gl.TRIANGLES, 1, [...hand.color, 1]);
      else r.draw(hand.bones, gl.LINES, 0, [...hand.color, 1]);
    }
    const joints = scene.joints;
    if (joints && !this.hidden.has('joints')) {
      r.draw(joints.bones, gl.LINES, 0, [0.1, 0.1, 0.1, 1], {depth: false});
      r.draw(joints.points, gl.POINTS, 2, [0.1, 0.1, 0.1, 1], {depth: false, pointSize: 6});
    }
    if (joints && this.marked !== null) {
      r.draw(joints.single[this.marked], gl.POINTS, 2, [0, 0.4, 0.9, 1], {depth: false, pointSize: 12});
    }
  }

  // The time step's geometry on the graphics card.
  uploaded(index) {
    if (this.steps[index]) return this.steps[index];
    const r = this.renderer, step = this.data.steps[index];
    const bones = new Uint16Array(this.data.bones.flat());
    const hands = step.hands.map(hand => {
      const {layer, camera} = hand, color = this.data.layers.find(l => l.id === layer).color;
      if (!hand.vertices) {
        return {layer, camera, color, bones: r.geometry({0: [decode(hand.joints, Float32Array), 3]}, bones)};
      }
      const vertices = decode(hand.vertices, Float32Array);
      const mesh = r.geometry(
        {0: [vertices, 3], 1: [vertexNormals(vertices, this.faces), 3]}, this.faces);
      return {layer, camera, color, mesh};
    });
    const main = step.hands.find(hand => hand.layer === this.data.layers[0].id);
    const points = decode(main.joints, Float32Array);
    const position = {0: [points, 3]};
    const every = Uint16Array.from(this.data.jointNames.keys());
    const joints = {
      positions: points, bones: r.geometry(position, bones), points: r.geometry(position, every),
      single: Array.from(every, i => r.geometry(position, Uint16Array.of(i)))};
    const cameras = step.cameras.map(camera => this.uploadedCamera(camera));
    return this.steps[index] = {hands, joints, cameras};
  }

  uploadedCamera(camera) {
    const r = this.renderer, [width, height] = camera.size;
    // the borders of the outermost pixels, whose centres are integers
    const corners = [[-0.5, -0.5], [width - 0.5, -0.5], [width - 0.5, height - 0.5], [-0.5, height - 0.5]]
      .map(([u, v]) => unproject(camera, u, v, this.frustumDepth));
    const points = new Float32Array([...cameraToWorld(camera, [0, 0, 0]), ...corners.flat()]);
    const lines = Uint16Array.of(0, 1, 0, 2, 0, 3, 0, 4, 1, 2, 2, 3, 3, 4, 4, 1);
    return {
      id: camera.id,
      frustum: r.geometry({0: [points, 3]}, lines),
      plane: r.geometry({
        0: [new Float32Array(corners.flat()), 3],
        2: [new Float32Array([0, 0, 1, 0, 1, 1, 0, 1]), 2]}, Uint16Array.of(0, 1, 2, 0, 2, 3)),
      texture: camera.picture ? r.texture(camera.picture) : null};
  }

  // The joint that is drawn within some pixels of a place of the canvas.
  jointAt(x, y, within = 12) {
    if (this.hidden.has('joints')) return null;
    const points = this.uploaded(this.step).joints.positions, m = this.matrix();
    const canvas = this.renderer.canvas;
    let best = null, nearest = within;
    for (let i = 0; i < points.length / 3; i++) {
      const p = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
      const clip = [0, 1, 3].map(row => m[row] * p[0] + m[4 + row] * p[1] + m[8 + row] * p[2] + m[12 + row]);
      const distance = Math.hypot(
        (clip[0] / clip[2] + 1) / 2 * canvas.clientWidth - x,
        (1 - clip[1] / clip[2]) / 2 * canvas.clientHeight - y);
      if (clip[2] > 0 && distance < nearest) [best, nearest] = [i, distance];
    }
    return best;
  }

  turn(dx, dy) {
    this.through = null;
    const right = unit(cross(this.up, this.direction));
    const turned = add(add(this.direction, right, -0.007 * dx), cross(this.direction, right), 0.007 * dy);
    const steepness = Math.abs(dot(unit(turned), this.up));
    if (steepness < 0.995) this.direction = unit(turned);
    this.draw();
  }

  move(dx, dy) {
    this.through = null;
    const right = unit(cross(this.up, this.direction)), above = cross(this.direction, right);
    const pixel = 2 * Math.tan(FIELD_OF_VIEW / 2) * this.distance / this.renderer.canvas.clientHeight;
    this.target = add(add(this.target, right, -dx * pixel), above, dy * pixel);
    this.draw();
  }

  approach(factor) {
    this.through = null;
    this.distance *= factor;
    this.draw();
  }
}
