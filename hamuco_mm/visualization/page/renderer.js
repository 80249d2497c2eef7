// Draws shaded meshes, lines, points and textured quads with WebGL 2.

const VERTEX = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 place;
uniform mat4 matrix;
uniform float pointSize;
out vec3 n;
out vec2 uv;
void main() {
  gl_Position = matrix * vec4(position, 1.0);
  gl_PointSize = pointSize;
  n = normal;
  uv = place;
}`;
const FRAGMENT = `#version 300 es
precision highp float;
in vec3 n;
in vec2 uv;
uniform vec4 color;
uniform vec3 toViewer;
uniform int kind;  // 0 plain, 1 shaded, 2 round point, 3 picture
uniform sampler2D picture;
out vec4 result;
void main() {
  result = color;
  if (kind == 1) {
    vec3 facing = normalize(n) * (gl_FrontFacing ? 1.0 : -1.0);
    float light = max(dot(facing, toViewer), 0.0);
    float shine = pow(light, 30.0) * 0.15;
    result.rgb = color.rgb * (0.35 + 0.65 * light) * (gl_FrontFacing ? 1.0 : 0.6) + shine;
  } else if (kind == 2 && length(gl_PointCoord - 0.5) > 0.5) {
    discard;
  } else if (kind == 3) {
    result = vec4(texture(picture, uv).rgb, color.a);
  }
  result.rgb *= result.a;
}`;

class Renderer {
  constructor(canvas) {
    this.canvas = canvas;
    const gl = this.gl = canvas.getContext('webgl2', {antialias: true});
    if (!gl) throw new Error('This page needs a browser with WebGL 2.');
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    this.uniform = name => gl.getUniformLocation(program, name);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  // attributes: {location: [Float32Array, size]}
  geometry(attributes, indices) {
    const gl = this.gl, array = gl.createVertexArray();
    gl.bindVertexArray(array);
    for (const [location, [values, size]] of Object.entries(attributes)) {
      gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, gl.FLOAT, false, 0, 0);
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
    return {array, count: indices.length};
  }

  texture(image) {
    const gl = this.gl, texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
    gl.generateMipmap(gl.TEXTURE_2D);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }

  begin(matrix, toViewer) {
    const gl = this.gl, canvas = this.canvas, ratio = window.devicePixelRatio || 1;
    this.ratio = ratio;
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
    gl.viewport(0, 0, width, height);
    gl.clearColor(0.95, 0.96, 0.97, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(this.uniform('matrix'), false, matrix);
    gl.uniform3fv(this.uniform('toViewer'), toViewer);
  }

  draw(geometry, mode, kind, color, {depth = true, pointSize = 1, texture = null} = {}) {
    const gl = this.gl;
    (depth ? gl.enable : gl.disable).call(gl, gl.DEPTH_TEST);
    gl.uniform1i(this.uniform('kind'), kind);
    gl.uniform4fv(this.uniform('color'), color);
    gl.uniform1f(this.uniform('pointSize'), pointSize * this.ratio);
    if (texture) gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.bindVertexArray(geometry.array);
    gl.drawElements(mode, geometry.count, gl.UNSIGNED_SHORT, 0);
  }
}
