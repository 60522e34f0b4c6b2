package files

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"machi/internal/report"
)

// groupRows is how many rows stand in memory before they are written.
const groupRows = 20_000

// Parquet writes facts as columns, compressed, as they come.
type Parquet struct {
	writer *parquet.GenericWriter[report.Fact]
	rows   int
}

// NewParquet begins a file. Source says of which installation and days it is.
func NewParquet(w io.Writer, source string) *Parquet {
	return &Parquet{writer: parquet.NewGenericWriter[report.Fact](
		w, parquet.Compression(&parquet.Snappy), parquet.CreatedBy("machi", "1", ""), parquet.MaxRowsPerRowGroup(groupRows),
		parquet.KeyValueMetadata("source", source), parquet.KeyValueMetadata("license", "CC-BY-4.0"),
	)}
}

// Add writes some rows.
func (p *Parquet) Add(rows []report.Fact) error {
	n, err := p.writer.Write(rows)
	p.rows += n
	if err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	return nil
}

// Rows returns how many rows were added.
func (p *Parquet) Rows() int { return p.rows }

// Close ends the file; before, nothing can read it.
func (p *Parquet) Close() error {
	if err := p.writer.Close(); err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	return nil
}
