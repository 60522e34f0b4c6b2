package catalog

import "regexp"

// Town is a part of the city that people say they come from.
type Town struct {
	ID       string    `yaml:"id"`
	Name     Text      `yaml:"name"`
	Area     string    `yaml:"area"`
	Position []float64 `yaml:"position"` // latitude and longitude of about its middle
	Remove   bool      `yaml:"remove"`
}

func (b *builder) towns(c *Catalog) {
	for _, t := range b.doc.Towns {
		path := []string{"towns", t.ID}
		if t.Remove {
			continue
		}
		b.identifier(t.ID, append(path, "id")...)
		b.japanese(t.Name, append(path, "name")...)
		if !degrees(t.Position) {
			b.blame("want latitude and longitude, in degrees", append(path, "position")...)
		}
		c.Towns = append(c.Towns, t)
	}
}

func degrees(p []float64) bool {
	return len(p) == 2 && p[0] >= -90 && p[0] <= 90 && p[1] >= -180 && p[1] <= 180
}

// telephone is what may be dialled: digits, with hyphens between them.
var telephone = regexp.MustCompile(`^\+?[0-9]+(-[0-9]+)*$`)

// place checks where an office is and how to reach it.
func (b *builder) place(f officeFile, path []string) {
	if len(f.Position) != 0 && !degrees(f.Position) {
		b.blame("want latitude and longitude, in degrees", append(path, "position")...)
	}
	if f.Access != nil {
		b.japanese(f.Access, append(path, "access")...)
	}
	if phone := value(f.Phone); phone != "" && (len(phone) > 20 || !telephone.MatchString(phone)) {
		b.blame("want digits with hyphens between them", append(path, "phone")...)
	}
}
