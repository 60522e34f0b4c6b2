// What the clerk's modules hand to each other.

import type { Texts } from "../types.js";

/**
 * What became of a command: code is empty when all went well, else the problem's.
 * With kept it was taken and waits to be sent.
 */
export interface Answer { ok: boolean; status: number; code: string; data: any; kept?: boolean }

/** A command that waits to be sent or answered, or that was refused. */
export interface Action {
  id: string;
  /** the command id it is sent under; the id, unless a clock had to be corrected */
  key: string;
  /** its place in the order of the counter's actions */
  seq: number;
  person: string;
  personName: string;
  office: string;
  counter: string;
  /** of the command under /api/v1/offices/{office}/ */
  path: string;
  body: Record<string, unknown>;
  /** the ticket that it is about, where it is about one */
  number: string;
  /** RFC 3339: the moment of the click by the offices' clock */
  clicked: string;
  /** the same by this machine's clock, ms */
  pressed: number;
  /** a fact that may wait for the link; else its answer is awaited, but it is not done late */
  keep: boolean;
  /** RFC 3339, by the wall's clock at the server: it is not done any more after it */
  notAfter?: string;
  /** how often the server failed over it */
  faults?: number;
  /** of the refusal, once it was refused */
  code?: string;
}

/** What came of sending an action. */
export interface Heard {
  what: "done" | "refused" | "again" | "later" | "signed out" | "other person";
  status: number;
  code: string;
  data: any;
  /** ms of the machine's clock */
  at: number;
  /** RFC 3339: the offices' clock, as the answer told it */
  now?: string;
  /** the server answered, and failed */
  faulty?: boolean;
}

/** What an answer asks for: actions to store anew, to forget, and whom to tell. */
export interface Effects { put: Action[]; drop: string[]; tell: { action: Action; heard: Heard; kept: boolean }[] }

/** Whether the one who is signed in is the one for whom the page was drawn. */
export type Person = "same" | "none" | "other";

/** Three clocks at one moment, ms since 1970. */
export interface Sample { office: number; wall: number; asked?: number; local: number }

/** Where and for whom a page was drawn. */
export interface Place {
  office: string;
  counter: string;
  texts: Texts;
  /** the id of the account or token, as GET /api/v1/me tells it */
  person?: string;
  personName?: string;
}

export interface OutboxState {
  /** something is on its way to the disk */
  writing: boolean;
  /** another tab holds the counter */
  readOnly: boolean;
  /** the server cannot be asked now */
  cut: boolean;
  /** a command whose answer is out */
  doubt: Action | null;
  person: Person;
  /** actions can be stored on this machine */
  store: boolean;
}

export interface Outbox {
  /** Sends a command, or keeps it while the link is gone where that is allowed. */
  act(path: string, body: Record<string, unknown>, about?: { number?: string }): Promise<Answer>;
  /** Why a command could not be given now: the code of a problem, or empty. */
  mayAct(path: string, body?: Record<string, unknown>): string;
  /** The actions that wait, oldest first. */
  pending(): Action[];
  /** The actions that were refused on their return and not put away yet. */
  refused(): Action[];
  /** The actions of others that wait on this machine until they sign in. */
  strangers(): Action[];
  putAway(id: string): void;
  sendAgain(id: string): void;
  state(): OutboxState;
  /** The offices' clock, ms. */
  now(): number;
  /** Takes note of what GET console tells, and returns it with the waiting actions drawn in. */
  see<T>(console: T): T & { unsent: number };
  /** What was seen last, also before a reload without link. */
  seen(): Promise<any>;
  /** Whether the page's live connection stands. */
  link(live: boolean): void;
  /** The server said that nobody is signed in. */
  signedOut(): void;
  /** Somebody has signed in again; resolves to whether it is the same person. */
  signedIn(): Promise<boolean>;
  /** Makes this tab the one that acts. */
  takeOver(): void;
  /** Called whenever anything of the above changes. */
  onchange: () => void;
}
