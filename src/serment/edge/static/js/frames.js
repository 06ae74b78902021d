// Frames of DICOM instances as the server unpacks them: length of the header 4, big-endian | header, JSON | pixels.
// A few are kept decoded, the least lately looked at goes first.
const KEPT_BYTES = 192 * 1024 * 1024;
const VIEWS = { u8: Uint8Array, u16: Uint16Array, i16: Int16Array, rgb8: Uint8Array };

export class Frames {
  constructor() {
    this.kept = new Map();
    this.bytes = 0;
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

  makeRoom() {
    for (const [address, coming] of this.kept) {
      if (this.bytes <= KEPT_BYTES || this.kept.size <= 1) return;
      this.kept.delete(address);
      coming.then((frame) => { this.bytes -= frame.pixels.byteLength; }, () => {});
    }
  }
}

async function load(address) {
  const answer = await fetch(address, { headers: { accept: "application/vnd.serment.frame, application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const message = await answer.arrayBuffer();
  const length = new DataView(message).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length)));
  // The pixels need not begin at an even place: a copy does.
  const pixels = new VIEWS[header.format](message.slice(4 + length));
  return { ...header, pixels };
}
