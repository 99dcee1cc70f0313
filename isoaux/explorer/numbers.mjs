// The explorer's files, unpacked: whole numbers neuron by neuron. As isoaux.explorer.files writes them.

export async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const half = bytes.length / 2;
  return Int16Array.from({ length: half }, (_, k) => (bytes[k] << 8) | bytes[half + k]);
}

// Parts of some samples each, as one: neuron by neuron.
export function joined(parts, n) {
  const counts = parts.map((part) => part.length / n);
  const count = counts.reduce((a, b) => a + b, 0);
  const whole = new Int16Array(n * count);
  let start = 0;
  parts.forEach((part, p) => {
    for (let k = 0; k < n; k++) whole.set(part.subarray(k * counts[p], (k + 1) * counts[p]), k * count + start);
    start += counts[p];
  });
  return whole;
}
