package page

import (
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// Code is a QR code as one path of squares, in a box of Size by Size that has the
// quiet zone around it.
type Code struct {
	Path string
	Size int
}

// quietZone is the empty border that scanners want, in modules.
const quietZone = 4

// QR returns the code of a text; the zero code for one that is too long for any.
func QR(text string) Code {
	matrix, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return Code{}
	}
	var path strings.Builder
	size := matrix.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := matrix.At(x, y).RGBA(); r == 0 {
				path.WriteString("M" + strconv.Itoa(x+quietZone) + " " + strconv.Itoa(y+quietZone) + "h1v1h-1z")
			}
		}
	}
	return Code{path.String(), size + 2*quietZone}
}
