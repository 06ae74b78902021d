// Frames of DICOM instances as the server unpacks them: length of the header 4, big-endian | header, JSON | pixels.
// They live in memory only; the least lately looked at goes first.
const KEPT_BYTES = 192 * 1024 * 1024;
const AHEAD_AT_ONCE = 3;
const LARGEST_SIDE = 32768;
const LARGEST_HEADER_BYTES = 65536;
const VIEWS = { u8: Uint8Array, u16: Uint16Array, i16: Int16Array, rgb8: Uint8Array };
const ACCEPTED = "application/vnd.serment.frame, application/problem+json";

// A refusal of the server; `sentence` says it in the reader's language, empty when the server was not reached.
export class FrameRefused extends Error {
  constructor(sentence) {
    super("frame");
    this.sentence = sentence;
  }
}

export class Frames {
  constructor() {
    this.kept = new Map();
    this.bytes = 0;
    this.wishes = [];
    this.underWay = 0;
  }

  // The frame at an address: the one that is kept, or the one that the server sends.
  get(address) {
    const known = this.kept.get(address);
    if (known) {
      this.kept.delete(address);
      this.kept.set(address, known);
      return known;
    }
    const coming = load(address).then(
      (frame) => {
        this.bytes += frame.pixels.byteLength;
        this.makeRoom();
        return frame;
      },
      (problem) => {
        this.kept.delete(address);
        throw problem;
      },
    );
    this.kept.set(address, coming);
    return coming;
  }

  // What will be wanted next, most wanted first; what was wished before and has not begun is forgotten.
  wish(addresses) {
    this.wishes = addresses.filter((address) => !this.kept.has(address));
    this.pump();
  }

  pump() {
    while (this.underWay < AHEAD_AT_ONCE && this.wishes.length) {
      const address = this.wishes.shift();
      if (this.kept.has(address)) continue;
      this.underWay += 1;
      this.get(address).catch(() => {}).finally(() => {
        this.underWay -= 1;
        this.pump();
      });
    }
  }

  makeRoom() {
    for (const [address, coming] of this.kept) {
      if (this.bytes <= KEPT_BYTES || this.kept.size <= 1) return;
      this.kept.delete(address);
      coming.then((frame) => { this.bytes -= frame.pixels.byteLength; }, () => {});
    }
  }
}

async function load(address) {
  const answer = await fetch(address, { headers: { accept: ACCEPTED } }).catch(() => null);
  if (!answer) throw new FrameRefused("");
  document.dispatchEvent(new Event("serment:activity"));
  if (!answer.ok) throw new FrameRefused(await sentenceOf(answer));
  const message = await answer.arrayBuffer().catch(() => { throw new FrameRefused(""); });
  return unpack(message);
}

async function sentenceOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  return [problem.title, problem.detail].filter(Boolean).join(" ");
}

// The pixels were unpacked by a process that foreign bytes may have overcome: what it says of them is checked.
export function unpack(message) {
  if (message.byteLength < 4) throw new FrameRefused("");
  const length = new DataView(message).getUint32(0);
  if (length > LARGEST_HEADER_BYTES || length + 4 > message.byteLength) throw new FrameRefused("");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length)));
  check(header, message.byteLength - 4 - length);
  // The pixels need not begin at an even place: a copy does.
  return { ...header, pixels: new VIEWS[header.format](message.slice(4 + length)) };
}

function check(header, size) {
  const sample = VIEWS[header.format]?.BYTES_PER_ELEMENT * (header.format === "rgb8" ? 3 : 1);
  const sides = [header.rows, header.columns];
  const ends = [header.minimum, header.maximum];
  const sound = sides.every((side) => Number.isInteger(side) && side > 0 && side <= LARGEST_SIDE)
    && ends.every((end) => Number.isInteger(end) && end >= -32768 && end <= 65535) && ends[0] <= ends[1]
    && [header.window_center, header.window_width, header.rescale_slope, header.rescale_intercept].every(Number.isFinite)
    && size === header.rows * header.columns * sample;
  if (!sound) throw new FrameRefused("");
}
