// A histogram becomes a picture that looks like the book's: one Gaussian per point, the colours of magma.

export const CELLS = 200;

const SIGMA = 1.5; // cells: the book's 0.0075 of the width

let scratch; // for the rows of an image, of which one is blurred at a time

// The sum of one Gaussian per point, up to a factor; the square cells have a variance of 1/12 already.
export function blurred(histogram, cells = CELLS) {
  const kernel = gaussian(Math.sqrt(SIGMA * SIGMA - 1 / 12));
  const reach = (kernel.length - 1) / 2;
  const across = scratch?.length === cells * cells ? scratch.fill(0) : (scratch = new Float64Array(cells * cells));
  const image = new Float64Array(cells * cells);
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const points = histogram[row * cells + column];
      if (points === 0) continue;
      const [from, to] = [Math.max(0, column - reach), Math.min(cells - 1, column + reach)];
      for (let k = from; k <= to; k++) across[row * cells + k] += points * kernel[k - column + reach];
    }
  }
  for (let row = 0; row < cells; row++) {
    for (let far = 0; far <= reach; far++) {
      const weight = kernel[reach + far];
      const below = row - far >= 0 ? (row - far) * cells : -1;
      const above = far > 0 && row + far < cells ? (row + far) * cells : -1;
      if (below >= 0 && above >= 0) {
        for (let k = 0; k < cells; k++) image[row * cells + k] += weight * (across[below + k] + across[above + k]);
      } else if (below >= 0 || above >= 0) {
        const only = Math.max(below, above);
        for (let k = 0; k < cells; k++) image[row * cells + k] += weight * across[only + k];
      }
    }
  }
  return image;
}

function gaussian(sigma) {
  const reach = Math.ceil(4 * sigma);
  const bell = Float64Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * sigma * sigma)));
  const sum = bell.reduce((a, b) => a + b);
  return bell.map((value) => value / sum);
}

// The density that is drawn brightest: mean and five standard deviations of all pixels (isoaux.density.limits).
export function limitOf(image) {
  let [sum, squares] = [0, 0];
  for (const value of image) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / image.length;
  return mean + 5 * Math.sqrt(Math.max(0, squares / image.length - mean * mean));
}

// Colours into the bytes of an ImageData, row 0 of the image at the bottom.
export function painted(image, limit, bytes, cells = CELLS) {
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const share = limit > 0 ? image[row * cells + column] / limit : 0;
      const colour = 3 * Math.min(255, Math.floor(256 * share));
      const pixel = 4 * ((cells - 1 - row) * cells + column);
      bytes[pixel] = MAGMA[colour];
      bytes[pixel + 1] = MAGMA[colour + 1];
      bytes[pixel + 2] = MAGMA[colour + 2];
      bytes[pixel + 3] = 255;
    }
  }
}

// Draw an image on a canvas of as many pixels; what is `lit` of it in a colour of its own, and all else faint.
export function paint(canvas, image, limit, lit = null) {
  const context = canvas.getContext("2d");
  const bytes = context.createImageData(CELLS, CELLS);
  painted(image, limit, bytes.data);
  if (lit) lightened(lit, limitOf(lit), bytes.data);
  context.putImageData(bytes, 0, 0);
}

const FAINT = 0.4; // of the brightness of what is not lit

export const LIT = [[64, 190, 240], [255, 255, 255]]; // colours of few and of many points that are lit

// Colours of a picture without their hue, and what is lit on top of them.
export function lightened(lit, limit, bytes, cells = CELLS) {
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const share = limit > 0 ? Math.min(1, lit[row * cells + column] / limit) : 0;
      const cover = Math.sqrt(share);
      const pixel = 4 * ((cells - 1 - row) * cells + column);
      const grey = FAINT * (0.3 * bytes[pixel] + 0.59 * bytes[pixel + 1] + 0.11 * bytes[pixel + 2]);
      for (let k = 0; k < 3; k++) {
        const bright = LIT[0][k] + share * share * (LIT[1][k] - LIT[0][k]);
        bytes[pixel + k] = grey * (1 - cover) + bright * cover;
      }
    }
  }
}

// prettier-ignore
const COLOURS =
  "00000401000501010601010802010902020b02020d03030f03031204041405041606051806051a07061c08071e0907200a08220b0924" +
  "0c09260d0a290e0b2b100b2d110c2f120d31130d34140e36150e38160f3b180f3d19103f1a10421c10441d11471e114920114b21114e" +
  "22115024125325125527125829115a2a115c2c115f2d11612f116331116533106734106936106b38106c390f6e3b0f703d0f713f0f72" +
  "400f74420f75440f764510774710784910784a10794c117a4e117b4f127b51127c52137c54137d56147d57157e59157e5a167e5c167f" +
  "5d177f5f187f601880621980641a80651a80671b80681c816a1c816b1d816d1d816e1e81701f81721f81732081752181762181782281" +
  "7922827b23827c23827e24828025828125818326818426818627818827818928818b29818c29818e2a81902a81912b81932b80942c80" +
  "962c80982d80992d809b2e7f9c2e7f9e2f7fa02f7fa1307ea3307ea5317ea6317da8327daa337dab337cad347cae347bb0357bb2357b" +
  "b3367ab5367ab73779b83779ba3878bc3978bd3977bf3a77c03a76c23b75c43c75c53c74c73d73c83e73ca3e72cc3f71cd4071cf4070" +
  "d0416fd2426fd3436ed5446dd6456cd8456cd9466bdb476adc4869de4968df4a68e04c67e24d66e34e65e44f64e55064e75263e85362" +
  "e95462ea5661eb5760ec5860ed5a5fee5b5eef5d5ef05f5ef1605df2625df2645cf3655cf4675cf4695cf56b5cf66c5cf66e5cf7705c" +
  "f7725cf8745cf8765cf9785df9795df97b5dfa7d5efa7f5efa815ffb835ffb8560fb8761fc8961fc8a62fc8c63fc8e64fc9065fd9266" +
  "fd9467fd9668fd9869fd9a6afd9b6bfe9d6cfe9f6dfea16efea36ffea571fea772fea973feaa74feac76feae77feb078feb27afeb47b" +
  "feb67cfeb77efeb97ffebb81febd82febf84fec185fec287fec488fec68afec88cfeca8dfecc8ffecd90fecf92fed194fed395fed597" +
  "fed799fed89afdda9cfddc9efddea0fde0a1fde2a3fde3a5fde5a7fde7a9fde9aafdebacfcecaefceeb0fcf0b2fcf2b4fcf4b6fcf6b8" +
  "fcf7b9fcf9bbfcfbbdfcfdbf";

// 256 colours, three bytes each: matplotlib's magma.
export const MAGMA = Uint8Array.from(COLOURS.match(/../g), (byte) => parseInt(byte, 16));
