// From stored values to a picture: through the window, without any enhancement (PS3.3 C.11.2.1.2).
export function paint(frame, window, inverted) {
  const picture = new ImageData(frame.columns, frame.rows);
  const target = new Uint32Array(picture.data.buffer);
  if (frame.format === "rgb8") paintColours(frame.pixels, target);
  else paintGreys(frame, shades(frame, window, inverted), target);
  return picture;
}

// What each stored value looks like, computed once a window and not once a pixel.
function shades(frame, window, inverted) {
  const low = frame.minimum;
  const table = new Uint32Array(frame.maximum - low + 1);
  const width = Math.max(window.width - 1, 1e-6);
  const dark = frame.invert !== inverted;
  for (let place = 0; place < table.length; place += 1) {
    const value = (low + place) * frame.rescale_slope + frame.rescale_intercept;
    const share = Math.min(Math.max((value - (window.center - 0.5)) / width + 0.5, 0), 1);
    const grey = Math.trunc((dark ? 1 - share : share) * 255);
    table[place] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  return table;
}

function paintGreys(frame, table, target) {
  const { pixels, minimum } = frame;
  for (let place = 0; place < target.length; place += 1) target[place] = table[pixels[place] - minimum];
}

function paintColours(pixels, target) {
  for (let place = 0, from = 0; place < target.length; place += 1, from += 3) {
    target[place] = 0xff000000 | (pixels[from + 2] << 16) | (pixels[from + 1] << 8) | pixels[from];
  }
}
