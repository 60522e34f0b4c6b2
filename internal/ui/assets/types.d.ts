// What travels on the wire, as the server's package board writes it.
export type Text = Record<string, string>;
export type Texts = Record<string, string>;
export type Level = "quiet" | "moderate" | "busy" | "very_busy" | "closed" | "suspended" | "unknown";
export interface Estimate { p50_seconds: number; p80_seconds: number; low_seconds: number; high_seconds: number; as_of: string }
export interface Service {
  id: string; name: Text; purpose?: string; series: string; accepting: boolean; why?: string; message?: string;
  opens?: string; closes?: string; waiting: number; processing?: number; level: Level;
  until_called: Estimate | null; until_finished: Estimate | null; ready?: string[]; announced?: { number: string; counter: string; at: string }[];
}
export interface Counter { id: string; state: "open" | "paused" | "closed"; services: string[]; number: string; direction?: string; place?: Text }
export interface Call { number: string; counter: string; stage: string; at: string; times: number; current?: boolean; language?: string }
export interface Announce { times: number; gap_seconds: number; show_seconds: number; languages: string[]; sound: boolean; voice: boolean }
export interface Place { lat: number; lng: number; unconfirmed?: boolean }
export interface Office {
  id: string; name: Text; kind: string; state: "open" | "closed" | "paused"; message?: string; date: string; as_of: string;
  area?: string; address?: string; place?: Place; access?: Text; phone?: string;
  seq: number; epoch: string; unconfirmed?: boolean; waiting: number; services: Service[]; counters: Counter[]; calls: Call[]; emergency?: Emergency; announce?: Announce;
}
export interface Emergency { id: string; kind: string; text: Text; detail?: Text; since: string; until?: string }
export interface Frame { type: string; office: string; seq: number; epoch: string; at: string; data: any }
export interface Position { seq: number; epoch: string }
export type Link = "live" | "stale" | "aged";
