package print

import (
	"fmt"
	"image"
	iofs "io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hajimehoshi/bitmapfont/v3"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// homes are where fonts are installed.
var homes = []string{"/usr/share/fonts", "/usr/local/share/fonts"}

// known are the file names of fonts that suit a ticket, regular and bold, the best
// for print first: UD fonts are drawn so that 3, 6, 8 and 9 stay apart for tired eyes.
var known = [2][]string{
	{"BIZUDGothic-Regular.ttf", "NotoSansCJK-Regular.ttc", "NotoSansCJKjp-Regular.otf", "ipaexg.ttf", "ipag.ttf", "TakaoGothic.ttf", "VL-Gothic-Regular.ttf"},
	{"BIZUDGothic-Bold.ttf", "NotoSansCJK-Bold.ttc", "NotoSansCJKjp-Bold.otf"},
}

// Case is a machine's types: regular and bold fonts, the best first. A letter is set
// in the first font that has it: UD fonts know Japanese only.
type Case struct {
	fonts  [2][]typeface
	figure *opentype.Font // of the program itself: figures and capitals, never missing

	mu    sync.Mutex
	faces map[faceKey]font.Face // guarded by mu, as are the faces and the buffer
	has   map[hasKey]bool
	buf   sfnt.Buffer
}

// typeface is a font, and in a collection its variants for other languages.
type typeface struct {
	name  string
	font  *opentype.Font
	other map[string]*opentype.Font // zh, ko
}

func (t typeface) in(lang string) *opentype.Font {
	if f := t.other[lang]; f != nil {
		return f
	}
	return t.font
}

type (
	faceKey struct {
		font *opentype.Font
		size int
	}
	hasKey struct {
		font *opentype.Font
		r    rune
	}
)

// OpenCase looks for the machine's fonts. Paths, if given, are used instead, for
// both weights; one that cannot be read is left out.
func OpenCase(paths ...string) *Case {
	c := &Case{faces: map[faceKey]font.Face{}, has: map[hasKey]bool{}}
	c.figure, _ = opentype.Parse(gobold.TTF) // part of the program
	search := [2][]string{paths, nil}
	if len(paths) == 0 {
		search = find(homes)
	}
	for weight, list := range search {
		for _, path := range list {
			if t, err := read(path); err == nil {
				c.fonts[weight] = append(c.fonts[weight], t)
			}
		}
	}
	c.fonts[1] = append(c.fonts[1], c.fonts[0]...)
	return c
}

// find returns the known fonts below some folders, the best first.
func find(roots []string) [2][]string {
	at := map[string]string{}
	for _, root := range roots {
		_ = filepath.WalkDir(root, func(path string, _ iofs.DirEntry, err error) error {
			if _, twice := at[filepath.Base(path)]; err == nil && !twice {
				at[filepath.Base(path)] = path
			}
			return nil // a folder that cannot be read holds no fonts
		})
	}
	var found [2][]string
	for weight, names := range known {
		for _, name := range names {
			if path, ok := at[name]; ok {
				found[weight] = append(found[weight], path)
			}
		}
	}
	return found
}

// read opens a font, or a collection. Letters are read from the file as they are
// needed: a collection is as large as the rest of the program.
func read(path string) (typeface, error) {
	file, err := os.Open(path)
	if err != nil {
		return typeface{}, err
	}
	t := typeface{name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), other: map[string]*opentype.Font{}}
	if err := t.open(file); err != nil {
		return typeface{}, fmt.Errorf("print: %s: %w", path, err)
	}
	return t, nil
}

// open takes the fonts out of a file, which stays open unless there are none. The
// first of a collection is the Japanese one.
func (t *typeface) open(file *os.File) error {
	all, err := opentype.ParseCollectionReaderAt(file)
	if err == nil && all.NumFonts() == 0 {
		err = sfnt.ErrNotFound
	}
	if err == nil {
		t.font, err = all.Font(0)
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	for i := 1; i < all.NumFonts(); i++ {
		f, err := all.Font(i)
		if err != nil {
			continue
		}
		family, _ := f.Name(nil, sfnt.NameIDFamily)
		for lang, end := range map[string]string{"zh": " SC", "ko": " KR"} {
			if strings.HasSuffix(family, end) && t.other[lang] == nil {
				t.other[lang] = f
			}
		}
	}
	return nil
}

// Fonts names the fonts that were found, the best first; none means that letters
// are set in the coarse font of the program itself.
func (c *Case) Fonts() []string {
	var names []string
	for _, t := range slices.Concat(c.fonts[1], c.fonts[0]) {
		if !slices.Contains(names, t.name) {
			names = append(names, t.name)
		}
	}
	return names
}

// Lacks names the languages that no font of this machine has, which are therefore
// printed in the coarse font of the program: ja, zh and ko of those that a ticket has.
func (c *Case) Lacks() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, probe := range []struct{ lang, letters string }{{"ja", "番号"}, {"zh", "请这"}, {"ko", "번호"}} {
		for _, r := range probe.letters {
			if c.fontOf(r, probe.lang, false) == nil {
				out = append(out, probe.lang)
				break
			}
		}
	}
	return out
}

// fontOf returns the first font that has a letter, nil if none. The caller holds mu.
func (c *Case) fontOf(r rune, lang string, bold bool) *opentype.Font {
	weight := 0
	if bold {
		weight = 1
	}
	for _, t := range c.fonts[weight] {
		if f := t.in(lang); c.covers(f, r) {
			return f
		}
	}
	return nil
}

func (c *Case) covers(f *opentype.Font, r rune) bool {
	key := hasKey{f, r}
	has, known := c.has[key]
	if !known {
		at, err := f.GlyphIndex(&c.buf, r)
		has = err == nil && at != 0
		if len(c.has) > maxRemembered {
			clear(c.has)
		}
		c.has[key] = has
	}
	return has
}

// maxRemembered bounds what a case remembers of fonts and faces.
const maxRemembered = 4096

// face returns a font at a size in dots; the bitmap font is never missing.
// The caller holds mu.
func (c *Case) face(f *opentype.Font, size int) font.Face {
	if f == nil {
		return bitmapfont.Face
	}
	key := faceKey{f, size}
	if face, ok := c.faces[key]; ok {
		return face
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return bitmapfont.Face
	}
	if len(c.faces) > maxRemembered {
		clear(c.faces)
	}
	c.faces[key] = face
	return face
}

// piece is a part of a text in one face; times is how often its dots are repeated.
type piece struct {
	text  string
	face  font.Face
	times int
}

// pieces cuts a text where the font changes. The caller holds mu.
func (c *Case) pieces(text, lang string, size int, bold bool) []piece {
	var out []piece
	for _, r := range text {
		f := c.fontOf(r, lang, bold)
		p := piece{face: c.face(f, size), times: 1}
		if p.face == bitmapfont.Face {
			p.times = max(1, (size+3)/12)
			if _, _, ok := bitmapfont.Face.GlyphBounds(r); !ok {
				r = geta
			}
		}
		if last := len(out) - 1; last >= 0 && out[last].face == p.face {
			out[last].text += string(r)
			continue
		}
		p.text = string(r)
		out = append(out, p)
	}
	return out
}

func widthOf(pieces []piece) int {
	w := 0
	for _, p := range pieces {
		w += font.MeasureString(p.face, p.text).Ceil() * p.times
	}
	return w
}

// Cell draws one letter as a printer's own of 24 dots: 24 wide, or 12 for ASCII. It
// is for programs that show what a printer would print.
func (c *Case) Cell(r rune, bold bool) *image.Gray {
	c.mu.Lock()
	defer c.mu.Unlock()
	wide := 24
	if r < 0x80 || r == '¥' || r == '‾' {
		wide = 12
	}
	strip := white(wide, 24)
	pieces := c.pieces(string(r), "ja", 24, bold)
	x := (wide - widthOf(pieces)) / 2
	for _, p := range pieces {
		x += p.draw(strip, x, 21)
	}
	threshold(strip)
	return strip
}
