package api

import (
	_ "embed" // for the description

	"github.com/labstack/echo/v4"
)

// Description is the OpenAPI 3.1 document of this package.
//
//go:embed openapi.yaml
var Description []byte

var descriptionTag = `"` + hashSecret(string(Description))[:32] + `"`

func (a *API) openapi(c echo.Context) error {
	return sendTagged(c, descriptionTag, publicCache, "application/yaml", Description)
}
