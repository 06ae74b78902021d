// Command c2sp-check looks at what Serment hands out with the eyes of others: the signed notes and Merkle trees of
// Go's checksum database (golang.org/x/mod) and the formats of transparency-dev. It knows nothing of Serment.
//
//	c2sp-check proofs FOLDER    an unpacked trail: public-key, checkpoint, entries/N, proofs/N.tlog-proof
//	c2sp-check tiles FOLDER     a log: public-key, checkpoint, tile/..., and every entry in tile/entries/...
//
// It prints how many entries it followed to the signed root, and ends with 0, or with 1 and what it did not believe.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

func main() {
	if len(os.Args) != 3 {
		fail("give proofs or tiles, and a folder")
	}
	check := map[string]func(string, note.Verifier) int64{"proofs": checkProofs, "tiles": checkTiles}[os.Args[1]]
	if check == nil {
		fail("give proofs or tiles, and a folder")
	}
	key := strings.TrimSuffix(string(read(os.Args[2], "public-key")), "\n")
	verifier, err := note.NewVerifier(key)
	must(err)
	fmt.Printf("%d entries are in the signed tree\n", check(os.Args[2], verifier))
}

// checkProofs follows every tlog-proof to the root of the checkpoint that it carries.
func checkProofs(folder string, verifier note.Verifier) int64 {
	names, err := filepath.Glob(filepath.Join(folder, "proofs", "*.tlog-proof"))
	must(err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		must(err)
		var held proof.TLogProof
		must(held.Unmarshal(data))
		tree := head(held.Checkpoint, verifier)
		path := make(tlog.RecordProof, len(held.Hashes))
		for at, hash := range held.Hashes {
			path[at] = tlog.Hash(hash)
		}
		if filepath.Base(name) != fmt.Sprintf("%d.tlog-proof", held.Index) {
			fail(name + " proves another entry")
		}
		entry := read(folder, "entries", strconv.FormatUint(held.Index, 10))
		must(tlog.CheckRecord(path, tree.N, tree.Hash, int64(held.Index), tlog.RecordHash(entry)))
	}
	return int64(len(names))
}

// checkTiles reads the log as a C2SP tlog-tiles client does: no hash is used before it is proved.
func checkTiles(folder string, verifier note.Verifier) int64 {
	tree := head(read(folder, "checkpoint"), verifier)
	hashes := tlog.TileHashReader(tree, tiles{folder})
	var indexes []int64
	var records []tlog.Hash
	for number := int64(0); number*width < tree.N; number++ {
		for _, entry := range bundle(folder, number, min(width, tree.N-number*width)) {
			indexes = append(indexes, tlog.StoredHashIndex(0, int64(len(indexes))))
			records = append(records, tlog.RecordHash(entry))
		}
	}
	proved, err := hashes.ReadHashes(indexes)
	must(err)
	for at, hash := range proved {
		if hash != records[at] {
			fail(fmt.Sprintf("entry %d is not the leaf of the tree", at))
		}
	}
	return int64(len(proved))
}

func head(checkpoint []byte, verifier note.Verifier) tlog.Tree {
	parsed, _, _, err := log.ParseCheckpoint(checkpoint, verifier.Name(), verifier)
	must(err)
	return tlog.Tree{N: int64(parsed.Size), Hash: tlog.Hash(parsed.Hash)}
}

// bundle returns the entries of one bundle, each after its length in two bytes.
func bundle(folder string, number, wanted int64) [][]byte {
	data := read(folder, "tile", "entries", path(number, int(wanted)))
	var entries [][]byte
	for len(data) > 0 {
		size := 2 + int(binary.BigEndian.Uint16(data))
		entries, data = append(entries, data[2:size]), data[size:]
	}
	if int64(len(entries)) != wanted {
		fail("a bundle holds another number of entries")
	}
	return entries
}

// path is where C2SP tlog-tiles has a tile: that of Go's checksum database, without its height.
func path(number int64, wide int) string {
	return strings.TrimPrefix(tlog.Tile{H: height, L: 0, N: number, W: wide}.Path(), "tile/8/0/")
}

type tiles struct{ folder string }

func (t tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		found = append(found, read(t.folder, "tile", strconv.Itoa(tile.L), path(tile.N, tile.W)))
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func read(parts ...string) []byte {
	data, err := os.ReadFile(filepath.Join(parts...))
	must(err)
	return data
}

func must(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(fact string) {
	fmt.Fprintln(os.Stderr, fact)
	os.Exit(1)
}
