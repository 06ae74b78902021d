// The files of folders that are dropped, however deep; what systems leave in folders is left out.
const LEFT_OUT = /^(\..*|thumbs\.db|desktop\.ini|dicomdir)$/i;

export function isOfSystem(name) {
  return LEFT_OUT.test(name);
}

export async function gather(entries) {
  const found = [];
  for (const entry of entries) {
    if (entry.isDirectory) found.push(...(await gather(await list(entry))));
    else if (!isOfSystem(entry.name)) found.push(await open(entry));
  }
  return found;
}

function open(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

// A directory is read in slices of a hundred.
async function list(directory) {
  const reader = directory.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}
