package main

import (
	"context"
	"errors"
	"log/slog"

	"machi/internal/eventlog"
	"machi/internal/server"
)

// storeFlags name the store that a subcommand works on.
type storeFlags struct {
	Data             string   `help:"Folder that belongs to this server." env:"MACHI_DATA" default:"machi-data" type:"path"`
	Redis            string   `help:"URL of the Redis that all servers share. Without one: a bbolt file in the data folder." env:"MACHI_REDIS,REDIS_URL" placeholder:"URL"`
	RedisFile        string   `help:"File that holds the URL." env:"MACHI_REDIS_FILE,REDIS_URL_FILE" placeholder:"FILE" type:"path"`
	RedisReplicas    int      `help:"How many replicas must confirm a number before it is given." env:"MACHI_REDIS_REPLICAS" default:"0"`
	RedisSentinels   []string `help:"Sentinels that know the master, host:port." env:"MACHI_REDIS_SENTINELS" placeholder:"ADDR"`
	RedisMaster      string   `help:"Name of the master that the sentinels know." env:"MACHI_REDIS_MASTER"`
	AllowUnsafeRedis bool     `help:"Start although Redis would lose confirmed records in a power cut." env:"MACHI_ALLOW_UNSAFE_REDIS"`
}

func (f storeFlags) url() (string, error) { return secret(f.Redis, f.RedisFile) }

func (f storeFlags) options() (server.StoreOptions, error) {
	url, err := f.url()
	return server.StoreOptions{
		Data: f.Data, Redis: url, Replicas: f.RedisReplicas, Sentinels: f.RedisSentinels, Master: f.RedisMaster,
		Unsafe: f.AllowUnsafeRedis, Logger: slog.Default(),
	}, err
}

func (f storeFlags) open(ctx context.Context) (eventlog.Store, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	return server.OpenStore(ctx, o)
}

const pageSize = 500

// readAll reads a log from its beginning. With an error it returns the records
// before the damage.
func readAll(ctx context.Context, log eventlog.Log) ([]eventlog.Record, error) {
	var all []eventlog.Record
	for {
		page, err := log.Read(ctx, int64(len(all)), pageSize)
		all = append(all, page...)
		if err != nil || len(page) == 0 {
			return all, err
		}
	}
}

// closing joins the error of a close to the one that a function returns.
func closing(err *error, closer func() error) { *err = errors.Join(*err, closer()) }
