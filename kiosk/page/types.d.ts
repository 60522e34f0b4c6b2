/** Texts by language, as the plan holds them. */
export type Words = Record<string, string>;

export interface Quote {
  ahead: number;
  low_minutes?: number;
  /** 0 or absent: not known. */
  high_minutes?: number;
  finished_low_minutes?: number;
  finished_high_minutes?: number;
}

/** Another way than waiting here: a shop, the web, a reservation, another office. */
export interface Offer {
  kind: string;
  text: Words;
  office?: string;
  name?: Words;
  url?: string;
  low_minutes?: number;
  high_minutes?: number;
}

export interface Service {
  id: string;
  name: Words;
  kana?: string;
  purpose: string;
  bring?: Words[];
  instead?: Offer[];
  accepting: boolean;
  /** Why not. */
  code?: string;
  message?: string;
  /** Moments of today's reception, where it is closed for its hours. */
  opens?: string;
  closes?: string;
  waiting: number;
  quote?: Quote;
}

/** What the machine says of itself: the answer of GET screen. */
export interface Screen {
  office_id?: string;
  office: Words;
  ward: string;
  kiosk?: string;
  at?: string;
  ready: boolean;
  online: boolean;
  rehearsal?: boolean;
  message?: string;
  alarms?: string[];
  purposes: { id: string; name: Words }[];
  services: Service[];
  printer?: string;
  paper?: string;
  check_in?: boolean;
  barred?: string;
  voice?: boolean;
  desk?: boolean;
  version?: string;
  unsent?: number;
  /** Set by the page: nothing has been heard yet. */
  starting?: boolean;
  /** Set by the page: since when nothing was heard, in ms. */
  silent?: number;
}

export interface Ticket {
  command: string;
  state: "printing" | "printed" | "failed" | "unknown" | "refused";
  code?: string;
  number?: string;
  service: string;
  offline?: boolean;
  status_url?: string;
  issued_at?: string;
  quote?: Quote;
  check_in_code?: string;
  bring?: Words[];
  shown_only?: boolean;
}

export type Mode = "large" | "contrast" | "low" | "voice";

export interface State {
  name: string;
  props: any;
  /** Pages that "back" returns to, oldest first. */
  trail: { name: string; props: any }[];
  language: string;
  modes: Record<Mode, boolean>;
  screen: Screen;
  /** Of the visitor: good for one ticket. */
  session: string;
  /** Grows with every move: what a page began before it is void after it. */
  visit: number;
}

/** What a page may do. Of a page that was left, everything but reading does nothing. */
export interface Context {
  readonly state: State;
  /** Whether the page that got this context is still shown. */
  readonly live: boolean;
  /** The text of "area.key" in the visitor's language, with {names} filled in. */
  t(key: string, args?: Record<string, unknown>): string;
  /** A text of the plan in the visitor's language, or in Japanese. */
  words(texts?: Words): string;
  /** Shows a page; "back" returns to this one, unless props.forget. */
  go(name: string, props?: any): void;
  back(): void;
  /** Ends the visit: nothing of it is left. */
  home(): void;
  /** Changes the page's props and draws again. */
  set(props: any): void;
  language(id: string): void;
  mode(name: Mode, on?: boolean): void;
  /** Speaks, if the voice is on. */
  say(text: string): void;
  /** Reads from the machine; rejects with a Problem. */
  get(path: string): Promise<any>;
  /** Sends to the machine; rejects with a Problem. */
  post(path: string, body: object): Promise<any>;
}

/** A page. Drawing does nothing but draw: it may be called at any time. */
export interface Page {
  draw(root: HTMLElement, c: Context): void;
  /** Hears a key first; true: it is dealt with. */
  key?(event: KeyboardEvent, c: Context): boolean | void;
  /** Is called when the page is entered. */
  enter?(c: Context): void;
  /** Is called before another page is entered, also when nobody touches any more. */
  leave?(c: Context): void;
  /** Is called at every news of the machine, about every two seconds. */
  tick?(c: Context): void;
  /** Seconds without a touch until the visitor is asked; 45 if not said. */
  idle?: number | ((c: Context) => number);
  /** Leaves out the bar of languages and modes. */
  bare?: boolean;
  /** Stays, however the machine is: closed, barred or not ready. */
  always?: boolean;
}
