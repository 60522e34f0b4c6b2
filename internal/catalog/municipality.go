package catalog

import "strings"

// Municipality is whose offices these are, as open data names it.
type Municipality struct {
	// Code is the 全国地方公共団体コード: five digits and a check digit.
	Code       string `yaml:"code"`
	Prefecture string `yaml:"prefecture"`
}

// municipality checks the code by its last digit.
func (b *builder) municipality(m Municipality) Municipality {
	if m.Code != "" && !codeHolds(m.Code) {
		b.blame("want the six digits of the national local-government code, check digit included", "municipality", "code")
	}
	return m
}

func codeHolds(code string) bool {
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return false
	}
	sum := 0
	for i, weight := range []int{6, 5, 4, 3, 2} {
		sum += int(code[i]-'0') * weight
	}
	return int(code[5]-'0') == (11-sum%11)%10
}
