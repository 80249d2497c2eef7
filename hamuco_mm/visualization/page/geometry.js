// Vectors, matrices (column by column, as WebGL wants them) and data.
'use strict';

const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const add = (a, b, factor = 1) => [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const length = a => Math.sqrt(dot(a, a));
const unit = a => a.map(x => x / (length(a) || 1));

function multiply(a, b) {
  const out = new Float32Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 4; k++) out[4 * column + row] += a[4 * k + row] * b[4 * column + k];
    }
  }
  return out;
}

function perspective(fieldOfView, aspect, near, far) {
  const f = 1 / Math.tan(fieldOfView / 2);
  return new Float32Array([
    f / aspect, 0, 0, 0, 0, f, 0, 0,
    0, 0, (far + near) / (near - far), -1, 0, 0, 2 * far * near / (near - far), 0]);
}

function lookAt(eye, target, up) {
  const back = unit(sub(eye, target));
  const right = unit(cross(up, back));
  const above = cross(back, right);
  return new Float32Array([
    right[0], above[0], back[0], 0, right[1], above[1], back[1], 0,
    right[2], above[2], back[2], 0, -dot(right, eye), -dot(above, eye), -dot(back, eye), 1]);
}

// From the world to what WebGL draws, as a camera sees it. Its image, with pixel
// centres at integers, is as large as fits into a canvas of this aspect.
function cameraMatrix(camera, aspect, near, far) {
  const [width, height] = camera.size, K = camera.K, R = camera.R, t = camera.t;
  const tall = Math.max(height, width / aspect), wide = tall * aspect;
  // in pixels of the canvas, from the middle of the image
  const rows = [
    [2 * K[0] / wide, 2 * K[1] / wide, (2 * K[2] + 1 - width) / wide],
    [0, -2 * K[4] / tall, -(2 * K[5] + 1 - height) / tall],
    [0, 0, (far + near) / (far - near)],
    [0, 0, 1]];
  const out = new Float32Array(16);
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      for (let k = 0; k < 3; k++) {
        out[4 * column + row] += rows[row][k] * (column < 3 ? R[3 * k + column] : t[k]);
      }
    }
  }
  out[14] -= 2 * far * near / (far - near);
  return out;
}

// x_cam = R x_world + t, R row by row
const cameraToWorld = (camera, point) => {
  const p = sub(point, camera.t), R = camera.R;
  return [0, 1, 2].map(i => R[i] * p[0] + R[3 + i] * p[1] + R[6 + i] * p[2]);
};

const worldToCamera = (camera, point) => {
  const R = camera.R;
  return [0, 1, 2].map(i => R[3 * i] * point[0] + R[3 * i + 1] * point[1] + R[3 * i + 2] * point[2] + camera.t[i]);
};

// Whether the picture of a camera, at a depth in metres, stands between two points,
// of which the first is in front of the camera.
function standsBetween(camera, depth, from, to) {
  const a = worldToCamera(camera, from), b = worldToCamera(camera, to);
  const share = (depth - a[2]) / (b[2] - a[2]);
  if (!(a[2] > 0 && share > 0 && share < 1)) return false;
  const [x, y] = add(a, sub(b, a), share), K = camera.K, [width, height] = camera.size;
  const u = (K[0] * x + K[1] * y) / depth + K[2], v = K[4] * y / depth + K[5];
  return u > -0.5 && u < width - 0.5 && v > -0.5 && v < height - 0.5;
}

// Where a pixel appears at a depth in metres, in the world.
function unproject(camera, u, v, depth) {
  const K = camera.K;
  const y = (v - K[5]) / K[4];
  const x = (u - K[2] - K[1] * y) / K[0];
  return cameraToWorld(camera, [x * depth, y * depth, depth]);
}

function decode(text, Type) {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  return new Type(bytes.buffer);
}

// Smooth normals: the mean of the adjacent faces', by their area.
function vertexNormals(vertices, faces) {
  const normals = new Float32Array(vertices.length);
  const at = i => [vertices[3 * i], vertices[3 * i + 1], vertices[3 * i + 2]];
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [faces[f], faces[f + 1], faces[f + 2]];
    const [a, b, c] = corners.map(at);
    const n = cross(sub(b, a), sub(c, a));
    for (const i of corners) for (let k = 0; k < 3; k++) normals[3 * i + k] += n[k];
  }
  return normals;
}
