package print

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/hajimehoshi/bitmapfont/v3"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// places are the usual homes of Japanese fonts, the best for print first: UD fonts
// are drawn so that 3, 6, 8 and 9 stay apart for tired eyes.
var places = [2][]string{
	{
		"/usr/share/fonts/truetype/bizud-gothic/BIZUDGothic-Regular.ttf",
		"/usr/share/fonts/truetype/fonts-morisawa-bizud-gothic/BIZUDGothic-Regular.ttf",
		"/usr/share/fonts/truetype/BIZUDGothic-Regular.ttf",
		"/usr/share/fonts/morisawa-biz-ud-gothic-fonts/BIZUDGothic-Regular.ttf",
		"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
		"/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
		"/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
		"/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
		"/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
		"/usr/share/fonts/truetype/takao-gothic/TakaoGothic.ttf",
	},
	{
		"/usr/share/fonts/truetype/bizud-gothic/BIZUDGothic-Bold.ttf",
		"/usr/share/fonts/truetype/fonts-morisawa-bizud-gothic/BIZUDGothic-Bold.ttf",
		"/usr/share/fonts/truetype/BIZUDGothic-Bold.ttf",
		"/usr/share/fonts/morisawa-biz-ud-gothic-fonts/BIZUDGothic-Bold.ttf",
		"/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
		"/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
		"/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
	},
}

// Case is a machine's types: regular and bold fonts, the best first. A text is set
// in the first font that has all of its letters: UD fonts know Japanese only.
type Case struct {
	fonts [2][]*opentype.Font // none: the bitmap font

	mu    sync.Mutex
	faces map[faceKey]font.Face // guarded by mu, as are the faces themselves
}

type faceKey struct {
	font *opentype.Font
	size int
}

// OpenCase looks for the machine's fonts. Paths, if given, replace the usual
// places, and are used for both weights.
func OpenCase(paths ...string) *Case {
	c := &Case{faces: map[faceKey]font.Face{}}
	search := places
	if len(paths) > 0 {
		search = [2][]string{paths, nil}
	}
	for weight, list := range search {
		for _, path := range list {
			if f, err := read(path); err == nil {
				c.fonts[weight] = append(c.fonts[weight], f)
			}
		}
	}
	c.fonts[1] = append(c.fonts[1], c.fonts[0]...)
	return c
}

// read reads a font, or the first of a collection: that is the Japanese one.
func read(path string) (*opentype.Font, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, ".ttc") {
		return opentype.Parse(raw)
	}
	all, err := opentype.ParseCollection(raw)
	if err != nil {
		return nil, err
	}
	if all.NumFonts() == 0 {
		return nil, fmt.Errorf("print: %s holds no font", path)
	}
	return all.Font(0)
}

// face returns a face for a text, and how many times its dots are to be repeated
// to reach the size in dots. The caller holds mu.
func (c *Case) face(text string, size int, bold bool) (font.Face, int) {
	weight := 0
	if bold {
		weight = 1
	}
	f := covering(c.fonts[weight], text)
	if f == nil {
		return bitmapfont.Face, max(1, (size+3)/12)
	}
	key := faceKey{f, size}
	if face, ok := c.faces[key]; ok {
		return face, 1
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return bitmapfont.Face, max(1, (size+3)/12)
	}
	c.faces[key] = face
	return face, 1
}

// covering returns the first font that has every letter of a text, or the first
// of all if none has.
func covering(fonts []*opentype.Font, text string) *opentype.Font {
	for _, f := range fonts {
		if covers(f, text) {
			return f
		}
	}
	if len(fonts) > 0 {
		return fonts[0]
	}
	return nil
}

func covers(f *opentype.Font, text string) bool {
	var buffer sfnt.Buffer
	for _, r := range text {
		if at, err := f.GlyphIndex(&buffer, r); err != nil || at == 0 {
			return false
		}
	}
	return true
}
