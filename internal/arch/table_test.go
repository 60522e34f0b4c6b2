package arch_test

// home says what a package may import besides the standard library. Names of
// ours are below internal/ unless they begin with another top folder; a name
// that ends in /... allows everything below it.
type home struct {
	ours   []string
	others []string
	pure   bool
}

const (
	bbolt      = "go.etcd.io/bbolt"
	redis      = "github.com/redis/go-redis/v9"
	echo       = "github.com/labstack/echo/v4"
	gorilla    = "github.com/gorilla/websocket"
	prometheus = "github.com/prometheus/client_golang"
	yaml       = "go.yaml.in/yaml/v3"
	kong       = "github.com/alecthomas/kong"
	openapi    = "github.com/getkin/kin-openapi"
	rate       = "golang.org/x/time"
	xsync      = "golang.org/x/sync"
	xtext      = "golang.org/x/text"
	ximage     = "golang.org/x/image"
	barcode    = "github.com/boombuler/barcode"
	bitmapfont = "github.com/hajimehoshi/bitmapfont/v3"
	systemd    = "github.com/coreos/go-systemd/v22"
	cmp        = "github.com/google/go-cmp"
	ulid       = "github.com/oklog/ulid/v2"
	xsys       = "golang.org/x/sys"
	xcrypto    = "golang.org/x/crypto"
	gooidc     = "github.com/coreos/go-oidc/v3"
	oauth2     = "golang.org/x/oauth2"
	totp       = "github.com/pquerna/otp"
	webpush    = "github.com/SherClockHolmes/webpush-go"
	gomail     = "github.com/wneessen/go-mail"
	smtp       = "github.com/emersion/go-smtp" // for tests
	sketches   = "github.com/DataDog/sketches-go"
	excelize   = "github.com/xuri/excelize/v2"
	parquet    = "github.com/parquet-go/parquet-go"
	linebot    = "github.com/line/line-bot-sdk-go/v8"
)

// table is the law. The layers look one way: pure, contract, shell, edge,
// assembly, command.
var table = map[string]home{
	// Pure: no clock, no input or output, no chance, no goroutines.
	"queue":             {ours: []string{"planted", "quota"}, pure: true},
	"quota":             {pure: true},
	"queue/queuetest":   {ours: []string{"queue", "quota"}, pure: true},
	"queue/invariant":   {ours: []string{"queue", "quota", "day", "eventlog", "planted"}, pure: true},
	"day":               {ours: []string{"queue", "eventlog", "planted"}, pure: true},
	"estimate":          {ours: []string{"queue", "told", "estimate/place", "planted"}, pure: true},
	"estimate/follow":   {ours: []string{"queue", "day", "eventlog", "estimate", "estimate/place"}, pure: true},
	"estimate/place":    {ours: []string{"estimate/walk", "estimate/blend"}, pure: true},
	"history/profile":   {ours: []string{"calendar"}, pure: true},
	"estimate/walk":     {pure: true},
	"estimate/blend":    {pure: true},
	"score":             {ours: []string{"estimate/place"}, pure: true},
	"outlook":           {ours: []string{"queue", "calendar", "history", "history/profile", "estimate/walk"}, pure: true},
	"whatif":            {ours: []string{"queue", "queue/queuetest"}, pure: true},
	"board":             {ours: []string{"queue", "estimate"}, pure: true},
	"promise":           {ours: []string{"queue", "told", "history"}, pure: true},
	"alert":             {ours: []string{"queue", "board", "estimate"}, pure: true},
	"calendar":          {pure: true},
	"chart":             {pure: true},
	"measure":           {ours: []string{"queue", "calendar", "promise", "history", "history/profile"}, others: []string{sketches}, pure: true},
	"ical":              {pure: true},
	"forecast":          {ours: []string{"calendar"}, pure: true},
	"replay":            {ours: []string{"queue", "history"}, pure: true},
	"curve":             {ours: []string{"queue", "calendar", "history", "history/profile"}, pure: true},
	"expect":            {ours: []string{"queue", "board", "calendar", "forecast", "history", "outlook"}, pure: true},
	"expect/expecttest": {ours: []string{"queue", "calendar", "expect", "history"}},
	"told":              {pure: true},
	"travel":            {pure: true},
	"triage":            {pure: true},
	"planted":           {},
	"signature":         {},
	"pin":               {others: []string{xcrypto}},
	"speech":            {},

	// Contract.
	"eventlog":           {},
	"eventlog/bell":      {},
	"eventlog/memlog":    {ours: []string{"eventlog", "eventlog/bell"}},
	"eventlog/boltlog":   {ours: []string{"eventlog", "eventlog/bell"}, others: []string{bbolt}},
	"eventlog/redislog":  {ours: []string{"eventlog", "eventlog/bell"}, others: []string{redis}},
	"eventlog/journal":   {ours: []string{"eventlog", "eventlog/bell"}, others: []string{xsys}},
	"eventlog/logtest":   {ours: []string{"eventlog"}, others: []string{cmp}},
	"eventlog/redistest": {},

	// Shell.
	"estimate/estimatetest": {ours: []string{"estimate/place"}},
	"estimate/foreign":      {ours: []string{"queue", "estimate/place", "score", "history"}, others: []string{yaml, xtext}},
	"forecast/counts":       {ours: []string{"calendar", "forecast"}},
	"guide":                 {ours: []string{"queue", "catalog", "triage"}},
	"catalog":               {ours: []string{"queue", "alert", "quota", "calendar", "eventlog"}, others: []string{yaml}},
	"office":                {ours: []string{"queue", "quota", "told", "day", "eventlog", "planted"}, others: []string{prometheus, xsync}},
	"replica":               {ours: []string{"queue", "day", "eventlog", "planted"}},
	"history":               {ours: []string{"queue", "day", "eventlog", "calendar", "estimate/place", "history/profile"}, others: []string{prometheus}},
	"measure/counted":       {ours: []string{"queue", "eventlog", "ledger", "measure"}},
	"measure/keep":          {ours: []string{"queue", "history", "measure"}},
	"live":                  {ours: []string{"queue", "day", "estimate", "estimate/...", "board", "office", "catalog", "eventlog"}, others: []string{prometheus, xsync}},
	"ledger":                {ours: []string{"eventlog"}},
	"archive":               {ours: []string{"queue", "day", "eventlog"}},
	"yearly":                {ours: []string{"queue", "day", "eventlog", "calendar", "history"}},
	"audit":                 {ours: []string{"queue", "eventlog"}},
	"oidc":                  {ours: []string{"queue"}, others: []string{gooidc, oauth2}},
	"account":               {ours: []string{"queue", "eventlog", "ledger"}, others: []string{xcrypto, xtext, totp}},
	"rulebook":              {ours: []string{"queue", "eventlog", "ledger"}},
	"almanac":               {ours: []string{"queue", "eventlog", "ledger"}},
	"staffing":              {ours: []string{"queue", "calendar", "expect", "history", "outlook"}},
	"foresee":               {ours: []string{"almanac", "board", "calendar", "expect", "forecast", "foretold", "history", "history/profile", "outlook", "queue"}},
	"foretold":              {ours: []string{"queue", "eventlog", "ledger"}},
	"report":                {ours: []string{"queue", "calendar", "measure"}, pure: true},
	"report/files":          {ours: []string{"report"}, others: []string{excelize, parquet, xtext}},
	"report/filed":          {ours: []string{"queue", "eventlog", "ledger", "measure", "report"}},
	"yearplan":              {ours: []string{"queue", "eventlog", "ledger"}},
	"signs":                 {ours: []string{"queue", "board", "eventlog", "ledger"}, others: []string{ximage}},
	"satisfaction":          {ours: []string{"queue", "eventlog", "ledger"}},
	"notify":                {ours: []string{"queue", "told", "eventlog", "ledger", "notify/vault", "notify/outbox"}, others: []string{prometheus}},
	"alert/duty":            {ours: []string{"queue", "alert", "board", "eventlog", "ledger", "notify", "notify/outbox"}, others: []string{prometheus}},
	"notify/vault":          {},
	"notify/outbox":         {ours: []string{"eventlog", "ledger"}},
	"notify/outward":        {ours: []string{"notify"}},
	"notify/webpush":        {ours: []string{"notify", "notify/outward"}, others: []string{webpush}},
	"notify/mail":           {ours: []string{"notify"}, others: []string{gomail}},
	"notify/notifytest":     {ours: []string{"notify"}, others: []string{smtp}},
	"notify/webhook":        {ours: []string{"queue", "eventlog", "ledger", "notify", "notify/outbox", "notify/outward"}, others: []string{prometheus}},
	"notify/line":           {ours: []string{"notify", "notify/outward"}, others: []string{linebot}},
	"auth":                  {ours: []string{"queue", "eventlog", "ledger", "signature", "pin"}, others: []string{rate, xsync}},

	// Edge.
	"ui":           {ours: []string{"queue", "told", "board"}, others: []string{xtext}},
	"api":          {ours: []string{"report", "report/files", "report/filed", "yearplan", "alert", "replay", "measure", "expect", "almanac", "staffing", "satisfaction", "speech", "calendar", "curve", "signs", "estimate/place", "history", "account", "queue", "ical", "quota", "promise", "day", "audit", "oidc", "eventlog", "estimate", "board", "office", "live", "auth", "catalog", "rulebook", "whatif", "guide", "triage", "notify", "notify/webhook", "signature", "pin", "ui"}, others: []string{echo, gorilla, prometheus, openapi, yaml, rate, xtext}},
	"web":          {ours: []string{"staffing", "replay", "alert", "measure", "expect", "calendar", "curve", "signs", "queue", "promise", "board", "guide", "ui", "web/..."}, others: []string{echo, xtext, barcode}},
	"web/page":     {ours: []string{"alert", "measure", "calendar", "curve", "expect", "queue", "promise", "board", "ui"}, others: []string{echo, xtext, barcode}},
	"web/public":   {ours: []string{"calendar", "curve", "queue", "promise", "board", "guide", "told", "travel", "ui", "web/page"}, others: []string{echo, xtext}},
	"web/remote":   {ours: []string{"queue", "board", "ui", "web/page"}, others: []string{echo}},
	"web/stop":     {ours: []string{"ui", "web/page"}, others: []string{echo}},
	"web/desk":     {ours: []string{"queue", "board", "guide", "ui", "web/page", "web/staff"}, others: []string{echo}},
	"web/account":  {ours: []string{"ui", "web/page"}, others: []string{echo}},
	"web/staff":    {ours: []string{"queue", "board", "ui", "web/page"}, others: []string{echo, xtext}},
	"web/screens":  {ours: []string{"queue", "board", "signs", "ui", "web/page"}, others: []string{echo}},
	"web/foresee":  {ours: []string{"almanac", "board", "calendar", "chart", "expect", "queue", "ui", "web/page"}, others: []string{echo}},
	"web/manager":  {ours: []string{"alert", "expect", "queue", "promise", "board", "rulebook", "whatif", "ui", "web/page"}, others: []string{echo, xtext}},
	"web/reports":  {ours: []string{"queue", "board", "chart", "report", "report/filed", "ui", "web/page"}, others: []string{echo}},
	"web/staffing": {ours: []string{"queue", "board", "calendar", "chart", "staffing", "ui", "web/page"}, others: []string{echo}},
	"web/insight":  {ours: []string{"queue", "board", "chart", "history", "measure", "replay", "ui", "web/page", "calendar", "history/profile"}, others: []string{echo}},
	"web/learn":    {ours: []string{"queue", "board", "ui", "web/page", "web/staff"}, others: []string{echo}},
	"web/admin":    {ours: []string{"queue", "board", "ui", "web/page"}, others: []string{echo}},
	"web/embed":    {ours: []string{"queue", "board", "ui", "web/page"}, others: []string{echo}},
	"web/webtest":  {ours: []string{"alert", "replay", "measure", "calendar", "curve", "web/page", "queue", "promise", "history", "estimate", "board"}},

	// Assembly.
	"server":   {ours: []string{"staffing", "outlook", "report", "report/filed", "yearplan", "alert", "alert/duty", "replay", "measure", "measure/keep", "measure/counted", "almanac", "expect", "foresee", "foretold", "speech", "notify", "notify/...", "told", "satisfaction", "calendar", "curve", "signs", "history", "account", "queue", "promise", "audit", "oidc", "day", "eventlog/...", "eventlog", "estimate", "board", "catalog", "guide", "office", "live", "auth", "rulebook", "api", "ui", "web/...", "web", "practice", "signage"}, others: []string{echo, redis, prometheus, systemd, xsync}},
	"practice": {ours: []string{"account", "queue", "day", "eventlog", "eventlog/memlog", "board", "live", "office", "api"}, others: []string{echo, prometheus}},
	"demo":     {ours: []string{"account", "queue", "day", "eventlog", "history", "yearly", "estimate", "estimate/place", "board", "signs", "catalog", "server", "auth", "kiosk", "kiosk/device", "kiosk/print"}, others: []string{ulid}},
	"sim":      {ours: []string{"queue", "queue/...", "day", "estimate", "estimate/...", "office", "replica", "eventlog", "eventlog/...", "planted"}},
	"arch":     {},

	"kiosk":       {ours: []string{"queue", "day", "estimate", "estimate/...", "replica", "catalog", "eventlog", "eventlog/...", "pin", "ui", "kiosk/...", "planted"}, others: []string{barcode, ulid}},
	"kiosk/store": {ours: []string{"queue", "day", "replica", "eventlog", "eventlog/...", "planted"}},
	"kiosk/print": {ours: []string{"told"}, others: []string{barcode, ximage, bitmapfont, xtext, xsys}},
	// The virtual printer shares fonts with the encoder, and nothing else.
	"kiosk/print/virtual": {ours: []string{"kiosk/print"}, others: []string{xtext}},
	"kiosk/desk":          {},
	"kiosk/device":        {ours: []string{"queue", "signature"}},
	"kiosk/browser":       {},
	"kiosk/update":        {},
	"signage":             {},

	// Commands.
	"cmd/machi":       {ours: []string{"report", "report/files", "report/filed", "notify/line", "notify/mail", "account", "queue", "audit", "queue/...", "day", "eventlog", "eventlog/...", "estimate", "estimate/...", "calendar", "forecast", "forecast/counts", "score", "history", "archive", "catalog", "office", "auth", "pin", "server", "sim", "demo", "signage", "planted"}, others: []string{kong, yaml, redis}},
	"cmd/machi-kiosk": {ours: []string{"queue", "catalog", "kiosk", "kiosk/...", "speech"}, others: []string{kong, systemd}},
}

// pureStdlib is what a pure package may take from the standard library. Of time
// it may use types and arithmetic, which another test watches.
var pureStdlib = []string{
	"bytes", "cmp", "container/heap", "encoding", "encoding/base64", "encoding/binary", "encoding/hex", "encoding/json", "errors", "fmt", "html/template",
	"iter", "maps", "math", "math/bits", "reflect", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
}
