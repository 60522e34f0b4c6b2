package catalog

import (
	"fmt"
	"time"

	"machi/internal/queue"
	"machi/internal/quota"
)

// homeFile is the block from_home of an office: tickets that residents take before
// they leave home. It is off where enabled is not true.
type homeFile struct {
	Enabled             *bool    `yaml:"enabled"`
	PerTenMinutes       *int     `yaml:"per_ten_minutes"`
	PerDay              *int     `yaml:"per_day"`
	SharePercent        *int     `yaml:"share_percent"`
	PerNetworkAndHour   *int     `yaml:"per_network_and_hour"`
	KeepMinutes         *float64 `yaml:"keep_minutes"`
	ExpireMinutes       *float64 `yaml:"expire_minutes"`
	CheckInByPhone      *bool    `yaml:"check_in_by_phone"`
	CheckInByPaperSheet *bool    `yaml:"check_in_by_sheet"`
}

// Home is what an office's block from_home says beside its rule.
type Home struct {
	// Door lets phones check in with the code that changes on a screen at the door;
	// Sheet with the code of the day on a sheet of paper there.
	Door, Sheet bool
}

func mergeHome(base, over *homeFile) *homeFile {
	if base == nil || over == nil {
		return or(over, base)
	}
	return &homeFile{
		or(over.Enabled, base.Enabled), or(over.PerTenMinutes, base.PerTenMinutes), or(over.PerDay, base.PerDay),
		or(over.SharePercent, base.SharePercent), or(over.PerNetworkAndHour, base.PerNetworkAndHour),
		or(over.KeepMinutes, base.KeepMinutes), or(over.ExpireMinutes, base.ExpireMinutes),
		or(over.CheckInByPhone, base.CheckInByPhone), or(over.CheckInByPaperSheet, base.CheckInByPaperSheet),
	}
}

// home reads an office's block from_home into its rule. Where residents may take
// tickets at home, nobody is called who has not come.
func (b *builder) home(o *Office, f *homeFile, path ...string) {
	if f == nil || f.Enabled == nil || !*f.Enabled {
		return
	}
	whole := func(p *int, key string, usual, low, high int) int {
		if p == nil {
			return usual
		}
		if *p < low || *p > high {
			b.blame(fmt.Sprintf("%d is not between %d and %d", *p, low, high), append(path, key)...)
		}
		return *p
	}
	minutes := func(p *float64, key string, usual float64) time.Duration {
		if p == nil {
			return time.Duration(usual) * time.Minute
		}
		if *p < 5 || *p > 240 {
			b.blame(fmt.Sprintf("%v is not between 5 and 240", *p), append(path, key)...)
		}
		return time.Duration(*p * float64(time.Minute))
	}
	o.Rule.CheckIn = true
	o.Rule.Home = queue.FromHome{
		On: true,
		Rule: quota.Rule{
			PerSlot: whole(f.PerTenMinutes, "per_ten_minutes", 3, 1, 100), PerDay: whole(f.PerDay, "per_day", 0, 0, 10_000),
			Share: whole(f.SharePercent, "share_percent", 30, 1, 100), PerNetwork: whole(f.PerNetworkAndHour, "per_network_and_hour", 3, 1, 1000),
		},
		Keep: minutes(f.KeepMinutes, "keep_minutes", 30), Expire: minutes(f.ExpireMinutes, "expire_minutes", 60),
	}
	o.Home = Home{Door: f.CheckInByPhone == nil || *f.CheckInByPhone, Sheet: f.CheckInByPaperSheet != nil && *f.CheckInByPaperSheet}
}
