package catalog

import "regexp"

// telephone is what may be dialled: digits, with hyphens between them.
var telephone = regexp.MustCompile(`^\+?[0-9]+(-[0-9]+)*$`)

// place checks where an office is and how to reach it.
func (b *builder) place(f officeFile, path []string) {
	if p := f.Position; len(p) != 0 && (len(p) != 2 || p[0] < -90 || p[0] > 90 || p[1] < -180 || p[1] > 180) {
		b.blame("want latitude and longitude, in degrees", append(path, "position")...)
	}
	if f.Access != nil {
		b.japanese(f.Access, append(path, "access")...)
	}
	if phone := value(f.Phone); phone != "" && (len(phone) > 20 || !telephone.MatchString(phone)) {
		b.blame("want digits with hyphens between them", append(path, "phone")...)
	}
}
