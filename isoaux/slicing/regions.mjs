// Where a class is written on the picture of a slice: in the middle of every region that has room for it.

const LEAST = 2; // cells between the middle of a region and its border

// The places for the names of classes on a grid of `size` x `size` cells, by rows from the lower left, whose classes are
// `winner`: { winner, x, y, radius } in units of the grid's width, y upwards, the widest first.
export function labelPlaces(winner, size) {
  const room = distances(winner, size);
  const region = new Int32Array(size * size).fill(-1);
  const places = [];
  for (let from = 0; from < region.length; from++) {
    if (region[from] >= 0) continue;
    const cells = [from];
    region[from] = from;
    let best = from;
    for (let k = 0; k < cells.length; k++) {
      const cell = cells[k];
      if (room[cell] > room[best]) best = cell;
      for (const next of around(cell, size)) {
        if (region[next] >= 0 || winner[next] !== winner[from]) continue;
        region[next] = from;
        cells.push(next);
      }
    }
    if (room[best] < LEAST) continue;
    const [column, row] = [best % size, Math.floor(best / size)];
    places.push({ winner: winner[from], x: (column + 0.5) / size, y: (row + 0.5) / size, radius: room[best] / size });
  }
  return places.sort((a, b) => b.radius - a.radius);
}

function around(cell, size) {
  const column = cell % size;
  const next = [];
  if (column > 0) next.push(cell - 1);
  if (column < size - 1) next.push(cell + 1);
  if (cell >= size) next.push(cell - size);
  if (cell < size * (size - 1)) next.push(cell + size);
  return next;
}

// From every cell to the nearest one of another class or to the border, in steps to one of eight neighbours, of lengths 1 and
// the root of 2.
function distances(winner, size) {
  const room = new Float64Array(size * size).fill(Infinity);
  const sweep = (order, sign) => {
    for (const cell of order) {
      const [column, row] = [cell % size, Math.floor(cell / size)];
      for (const [across, up] of [[-1, 0], [-1, -1], [0, -1], [1, -1]]) {
        const [x, y] = [column + sign * across, row + sign * up];
        const length = Math.hypot(across, up);
        const outside = x < 0 || y < 0 || x >= size || y >= size;
        const other = outside || winner[y * size + x] !== winner[cell];
        room[cell] = Math.min(room[cell], other ? length : room[y * size + x] + length);
      }
    }
  };
  const cells = Array.from({ length: size * size }, (_, k) => k);
  sweep(cells, 1);
  sweep(cells.reverse(), -1);
  return room;
}
