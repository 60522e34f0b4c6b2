package api

import (
	_ "embed" // for the description

	"github.com/labstack/echo/v4"
)

// LiveDescription is the AsyncAPI 3 document of the live connections.
//
//go:embed asyncapi.yaml
var LiveDescription []byte

var liveDescriptionTag = tagOf(LiveDescription)

func (a *API) asyncapi(c echo.Context) error {
	return sendTagged(c, liveDescriptionTag, publicCache, "application/yaml", LiveDescription)
}
