// What the clerk's modules hand to each other.

/** What became of a command: code is empty when all went well, else the problem's. */
export interface Answer { ok: boolean; status: number; code: string; data: any }

/** A command that waits to be sent, or that was refused. */
export interface Action {
  id: string;
  /** of the command under /api/v1/offices/{office}/ */
  path: string;
  body: Record<string, unknown>;
  /** the ticket that it is about, where it is about one */
  number: string;
  /** RFC 3339: the moment of the click */
  clicked: string;
  /** of the refusal, once it was refused */
  code?: string;
}

export interface Outbox {
  /** Sends a command, or keeps it while the link is gone where that is allowed. */
  act(path: string, body: Record<string, unknown>, about?: { number?: string }): Promise<Answer>;
  /** The actions that wait, oldest first. */
  pending(): Action[];
  /** The actions that were refused on their return and not put away yet. */
  refused(): Action[];
  /** Called whenever pending or refused change. */
  onchange: () => void;
}
