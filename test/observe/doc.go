// Package observe tests what operators see: the metrics of a real server as a real
// Prometheus reads them, the rules and alerts it judges them by, and the dashboards that
// are drawn of them.
package observe
