// Requests to the control plane, typed by its OpenAPI document.

import type { components, operations } from "./schema.js";

export type Schemas = components["schemas"];

/** A duration: milliseconds, or a number with a unit such as "90s" or "5m". */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

/** An instant: a Date, or RFC 3339 such as "2016-03-27T23:30:00Z". */
export type Instant = Date | string;

export type Query<Id extends keyof operations> = operations[Id]["parameters"]["query"];

type Success<Id extends keyof operations> = operations[Id]["responses"] extends infer Responses
  ? Responses extends { 200: { content: { "application/json": infer Document } } }
    ? Document
    : Responses extends { 201: { content: { "application/json": infer Document } } }
      ? Document
      : void
  : never;

/** The control plane refused a request; `errors` say where and why. */
export class ControlError extends Error {
  override readonly name = "ControlError";

  constructor(
    request: string,
    readonly status: number,
    readonly errors: readonly Schemas["ErrorObject"][],
    text: string,
  ) {
    const details = errors.map(({ code, detail }) => `${code}: ${detail}`).join("; ");
    super(`${request}: ${status} ${details || text.slice(0, 200)}`);
  }
}

/** The headers that a server asks for: the key names the sandbox, the token opens a control plane that has one. */
export interface Credentials {
  readonly key?: string;
  readonly controlToken?: string | undefined;
}

/** Sends requests to the control plane of one server. */
export class Control {
  constructor(
    readonly url: string,
    private readonly credentials: Credentials,
  ) {}

  /** Sends one operation; rejects with ControlError where it is refused. */
  async call<Id extends keyof operations>(
    _operation: Id,
    method: string,
    path: string,
    { query, body }: { query?: Query<Id>; body?: unknown } = {},
  ): Promise<Success<Id>> {
    const response = await this.send(method, `${path}${queryText(query)}`, { body });
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as Success<Id>;
  }

  /** Sends one request, and returns its answer once that has begun; rejects with ControlError where it is refused. */
  async send(
    method: string,
    path: string,
    { body, signal, ...more }: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const { key, controlToken } = this.credentials;
    const headers = new Headers(more.headers);
    if (key !== undefined) headers.set("Authorization", key);
    if (controlToken !== undefined) headers.set("Control-Token", controlToken);
    if (body !== undefined) headers.set("Content-Type", "application/json");
    const response = await fetch(`${this.url}/_mock${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    if (response.ok) return response;
    const text = await response.text();
    throw new ControlError(`${method} ${path}`, response.status, errorsIn(text), text);
  }
}

/** Returns a duration in milliseconds; throws RangeError for a text that is none. */
export function milliseconds(duration: Duration): number {
  if (typeof duration === "number") return Math.round(duration);
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  if (found === null) throw new RangeError(`"${duration}" is no duration such as 250, "90s" or "5m"`);
  return Math.round(Number(found[1]) * UNITS_MS[found[2] as keyof typeof UNITS_MS]);
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns an instant as RFC 3339. */
export function instantText(instant: Instant): string {
  return typeof instant === "string" ? instant : instant.toISOString();
}

function queryText(query: object | undefined): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

function errorsIn(text: string): Schemas["ErrorObject"][] {
  try {
    return (JSON.parse(text) as Schemas["ErrorDocument"]).errors ?? [];
  } catch {
    return [];
  }
}
